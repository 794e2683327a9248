"""The modes as a wall of pictures: dragged in the browser, joined by edges whose paths are walked there."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st

from engine.experiments.synthesis.results import ModesResult
from engine.images import to_bytes
from engine.plots.palette import MARK, SERIES
from engine.plots.tracks import Track
from engine.records import Record
from pages.manifold.wall.near import NEAREST, neighbours
from pages.manifold.wall.places import circle, placed
from pages.shared import service
from pages.shared.component import component
from pages.shared.figures.sea import bands
from pages.shared.strip import data_uri
from pages.shared.words import nats

KINDS = {
    "natural": ("Natural-looking", SERIES[2]),
    "pattern": ("Pattern", SERIES[3]),
    "real": ("Real", SERIES[0]),
}
SIDE = 96
"""Pictures are sent with sides of at most this many pixels."""

POINTS = 101
"""Losses that are sent of a path."""

_WALL = component(__file__, "wall")


def wall(record: Record, chosen: int, *, key: str, on_edge: Callable[[int], None]) -> None:
    """Draw the wall; `chosen` is the row of the pair that is walked, `on_edge` is told of another one."""
    data = _data(record.key, str(record.path))

    def picked() -> None:
        row = (st.session_state.get(key) or {}).get("edge")
        if isinstance(row, int) and 0 <= row < len(data["edges"]):
            on_edge(row)

    _WALL(key=key, data={**data, "chosen": chosen}, on_edge_change=picked)


@st.cache_resource(show_spinner=False, max_entries=16)
def _data(key: str, path: str) -> dict[str, Any]:
    """What the browser is sent of a record, made once; `path` tells copies of a record apart."""
    record = service.find(key)
    assert record is not None
    found = record.found(ModesResult)
    return wall_data(found, neighbours(found))


def wall_data(found: ModesResult, near: list[list[np.ndarray]]) -> dict[str, Any]:
    """What the browser needs: modes with their neighbours and places, edges with their paths."""
    small = _small(found.images)
    rows = found.modes.to_dict("records")
    modes = [
        {
            "src": data_uri(image),
            "pixels": _text(image),
            "color": KINDS[row["kind"]][1],
            "words": f"{KINDS[row['kind']][0].lower()}, loss {nats(float(row['loss']))}",
            "near": [data_uri(one, min(SIDE, max(one.shape[:2]))) for one in close],
        }
        for image, row, close in zip(small, rows, near, strict=True)
    ]
    names: list[int] = []
    edges = [_edge(found, row, names) for row in range(len(found.pairs))]
    _, colors, words = bands(found.threshold)
    return {
        "id": found.key,
        "side": small.shape[1:3],
        "modes": modes,
        "edges": edges,
        "names": [found.classes[index] for index in names],
        "places": {
            "Circle": placed(circle(len(small))),
            "By image distance": placed(found.arrays["map_images"]),
            "By barrier": placed(found.arrays["map_barriers"]),
        },
        "kinds": [KINDS[kind] for kind in dict.fromkeys(row["kind"] for row in rows)],
        "bands": list(zip(words, colors, strict=True)),
        "nearWords": NEAR_WORDS,
        "mark": MARK,
    }


def _edge(found: ModesResult, row: int, names: list[int]) -> dict[str, Any]:
    told, paths = found.pairs.iloc[row], found.paths(row)
    return {
        "first": int(told["first"]),
        "second": int(told["second"]),
        "before": _path(paths.straight, float(told["height_before"]), found.threshold, names),
        "after": _path(
            paths.final or paths.straight, float(told["height_after"]), found.threshold, names
        ),
    }


def _path(track: Track, height: float, threshold: float, names: list[int]) -> dict[str, Any]:
    """A path; classes are numbered as they are first met."""
    places = np.linspace(0, 1, POINTS)
    seen = track.prediction_at(places).astype(int).tolist()
    names += [index for index in dict.fromkeys(seen) if index not in names]
    borders, colors, _ = bands(threshold)
    return {
        "inner": [_text(one) for one in _small(track.nodes[1:-1])],
        "stations": track.stations.tolist(),
        "loss": [float(f"{loss:.3g}") for loss in track.loss_at(places)],
        "seen": [names.index(index) for index in seen],
        "words": nats(height),
        "color": colors[int(np.searchsorted(borders, height, side="left"))],
    }


def _small(images: np.ndarray) -> np.ndarray:
    """Pictures float (N, C, H, W) as uint8 (N, H, W, C), thinned out where they are large."""
    step = -(-max(images.shape[2:]) // SIDE)
    return to_bytes(images[:, :, ::step, ::step])


def _text(levels: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(levels).tobytes()).decode("ascii")


NEAR_WORDS = f"the {NEAREST} real pictures of the class that are nearest to it, pixel by pixel"
