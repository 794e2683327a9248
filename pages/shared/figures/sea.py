"""What maps of losses share: land where a path may go, sea the darker the higher, pictures with numbers."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from engine.plots import grammar as g
from engine.plots.palette import COAST, INK, LAND, SEA
from engine.words import figure

DEPTHS = (0.1, 0.3, 1.0, 2.0, 4.0)
"""Borders between the shades of sea, in nats; those below the threshold are left out."""


def bands(threshold: float) -> tuple[list[float], list[str], list[str]]:
    """Borders between the shades, their colours and their names, from the threshold upwards."""
    borders = [threshold, *(depth for depth in DEPTHS if depth > threshold * 1.5)]
    sea = [SEA[round(k)] for k in np.linspace(0, len(SEA) - 1, len(borders))]
    names = [f"up to {figure(threshold)} (land)"]
    names += [f"{figure(a)} to {figure(b)}" for a, b in pairwise(borders)]
    return borders, [LAND, *sea], [*names, f"above {figure(borders[-1])}"]


def band_of(losses: np.ndarray, threshold: float) -> np.ndarray:
    """The name of each loss's band."""
    borders, _, names = bands(threshold)
    return np.asarray(names, dtype=object)[np.searchsorted(borders, losses, side="left")]


def band_colors(threshold: float, title: str, **form: Any) -> alt.Color:
    """The colour of a column `band`, with the names of all bands below the figure."""
    _, shades, names = bands(threshold)
    place: g.Look = {
        "orient": "bottom",
        "columns": g.fitting(3, 110),
        "symbolType": "square",
        "titleLimit": 300,
    }
    return g.colors("band", dict(zip(names, shades, strict=True)), title=title, **{**place, **form})


def numbered(data: pd.DataFrame, x: alt.X, y: alt.Y, tips: g.Tips, side: int) -> g.Layers:
    """The column `image` (data URIs), `side` pixels wide, each with its `number` at a corner."""
    place: g.Look = {"data": data, "x": x, "y": y, "tips": tips}
    corner: g.Look = {"xOffset": -side / 2, "yOffset": -side / 2}
    return [
        g.mark("image", **place, width=side, height=side, url="image"),
        g.points(**place, size=330, color=INK, stroke=COAST, **corner),
        g.mark(
            "text", **place, text="number:N", color=COAST, fontSize=12, fontWeight=700, **corner
        ),
    ]
