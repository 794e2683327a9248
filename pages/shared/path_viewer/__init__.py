"""A viewer that blends the nodes of both paths in the browser, so that dragging needs no server."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from engine.images import to_bytes
from engine.plots.palette import BYPASS, MARK, STRAIGHT
from engine.plots.tracks import Paths, Track
from pages.shared.words import figure

CURVE_POINTS = 401
_HERE = Path(__file__).parent

_VIEWER = st.components.v2.component(
    "isthmus_path_viewer",
    html=(_HERE / "viewer.html").read_text(encoding="utf-8"),
    css=(_HERE / "viewer.css").read_text(encoding="utf-8"),
    js=(_HERE / "viewer.js").read_text(encoding="utf-8"),
)


def path_viewer(pair: Paths, *, key: str) -> None:
    """Show the pictures at one place of the straight path and of the path found, and their difference.

    The place is moved with the slider, the arrow keys, or by dragging over the curves.
    """
    _VIEWER(key=key, data=viewer_data(pair))


def viewer_data(pair: Paths) -> dict[str, Any]:
    """What the browser needs: both ends as bytes, each node's distance from the straight path, losses."""
    path = pair.final or pair.straight
    seen: list[int] = []
    curves = {"straight": _curve(pair.straight, seen)}
    if pair.final:
        curves["bypass"] = _curve(pair.final, seen)
    return {
        "id": pair.key,
        "letters": list(pair.ends),
        "shape": [*path.nodes.shape[2:], path.nodes.shape[1]],
        "ends": [_text(to_bytes(path.nodes[k])) for k in (0, -1)],
        "stations": path.stations.tolist(),
        "bends": [_packed(difference) for difference in path.bends],
        "factor": path.amplification,
        "factorText": figure(path.amplification),
        "curves": curves,
        "names": [pair.label(index) for index in seen],
        "threshold": pair.threshold,
        "top": float(pair.straight.places[pair.straight.top]),
        "start": float(pair.straight.places[pair.straight.top]),
        "colors": {"straight": STRAIGHT, "bypass": BYPASS, "mark": MARK},
    }


def _curve(track: Track, seen: list[int]) -> dict[str, Any]:
    """Loss and predicted class at even places; classes are numbered as they are first met."""
    places = np.linspace(0, 1, CURVE_POINTS)
    predictions = track.prediction_at(places).astype(int).tolist()
    seen += [index for index in dict.fromkeys(predictions) if index not in seen]
    losses = [float(f"{loss:.4g}") for loss in track.loss_at(places)]
    return {"loss": losses, "seen": [seen.index(index) for index in predictions]}


def _packed(difference: np.ndarray) -> dict[str, Any]:
    """A signed picture as bytes around 128 and the scale that belongs to 127 steps."""
    scale = float(np.abs(difference).max(initial=0))
    if scale == 0:
        return {"scale": 0, "values": ""}
    levels = np.rint(difference / scale * 127 + 128).astype(np.uint8)
    return {"scale": scale, "values": _text(np.moveaxis(levels, 0, -1))}


def _text(levels: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(levels).tobytes()).decode("ascii")
