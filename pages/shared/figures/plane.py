"""The loss plane as a map: land where a path may go, sea where the loss is high, both paths on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from engine.plots.curves import Drawing
from engine.plots.palette import BYPASS, COAST, INK, LAND, SEA, SERIES, STRAIGHT
from pages.shared.words import figure

HEIGHT = 470
DEPTHS = (0.1, 0.3, 1.0, 2.0, 4.0)
"""Borders between the shades of sea, in nats; those below the threshold are left out."""

OVERLAP = 0.3
"""Cells reach this share of half a cell into the next, so that no seams show between them."""

DISTANCE = "image distance"


ATTACK = SERIES[2]
"""The way that an attack took an image."""

Ends = tuple[str, str]
Route = tuple[str, np.ndarray, str]
"""A line on the map: its name, its points (M, 2), its colour."""


def loss_plane(
    arrays: Mapping[str, np.ndarray],
    threshold: float,
    classes: Sequence[str],
    ends: Ends = ("A", "C"),
) -> tuple[Drawing, pd.DataFrame]:
    """The map of a record's loss plane with both paths, and the table of what is drawn."""
    spots = arrays["plane_nodes"]
    bend = int(np.argmax(np.abs(spots[:, 1])))
    letters = {0: ends[0], len(spots) - 1: ends[1], bend: "B′"}
    routes = [("Straight path", spots[[0, -1]], STRAIGHT), ("Path found", spots, BYPASS)]
    return _map(arrays, threshold, classes, routes, letters, ends)


def attack_plane(
    arrays: Mapping[str, np.ndarray], threshold: float, classes: Sequence[str]
) -> tuple[Drawing, pd.DataFrame]:
    """The map of the plane through A, K and K′ of a real-adversarial record, and its table."""
    own = {
        name.removeprefix("attack_"): arrays[name]
        for name in arrays
        if name.startswith("attack_plane_")
    }
    spots = own["plane_nodes"]
    routes = [
        ("Straight path from A to K′", spots[[0, 2]], STRAIGHT),
        ("The attack, from K to K′", spots[[1, 2]], ATTACK),
    ]
    return _map(own, threshold, classes, routes, dict(enumerate(("A", "K", "K′"))), ("A", "K′"))


def _map(
    arrays: Mapping[str, np.ndarray],
    threshold: float,
    classes: Sequence[str],
    routes: Sequence[Route],
    letters: Mapping[int, str],
    ends: Ends,
) -> tuple[Drawing, pd.DataFrame]:
    data = plane_table(arrays, threshold, classes)
    chart = alt.layer(
        _cells(data, threshold, ends), _borders(arrays), *_paths(routes), *_nodes(arrays, letters)
    ).properties(height=HEIGHT)
    return chart, data[["x", "y", "loss", "predicted"]]


def bands(threshold: float) -> tuple[list[float], list[str], list[str]]:
    """Borders between the shades, their colours and their names, from the threshold upwards."""
    borders = [threshold, *(depth for depth in DEPTHS if depth > threshold * 1.5)]
    sea = [SEA[round(k)] for k in np.linspace(0, len(SEA) - 1, len(borders))]
    names = [f"up to {figure(threshold)} (land)"]
    names += [f"{figure(a)} to {figure(b)}" for a, b in pairwise(borders)]
    return borders, [LAND, *sea], [*names, f"above {figure(borders[-1])}"]


def plane_table(
    arrays: Mapping[str, np.ndarray], threshold: float, classes: Sequence[str]
) -> pd.DataFrame:
    """One row a cell: its centre and edges in image distance, loss in nats, predicted class, band."""
    x, y = arrays["plane_x"], arrays["plane_y"]
    loss, prediction = arrays["plane_loss"], arrays["plane_prediction"].astype(int)
    half_x, half_y = (x[1] - x[0]) / 2, (y[1] - y[0]) / 2
    seam_x, seam_y = OVERLAP * half_x, OVERLAP * half_y
    centre_x, centre_y = np.meshgrid(x, y)
    borders, _, names = bands(threshold)
    return pd.DataFrame(
        {
            "x": centre_x.ravel(),
            "y": centre_y.ravel(),
            "left": (centre_x - half_x).ravel(),
            "right": (centre_x + half_x + seam_x).ravel(),
            "low": (centre_y - half_y).ravel(),
            "high": (centre_y + half_y + seam_y).ravel(),
            "loss": loss.ravel(),
            "predicted": np.asarray(classes, dtype=object)[prediction.ravel()],
            "band": np.asarray(names, dtype=object)[
                np.searchsorted(borders, loss.ravel(), side="left")
            ],
        }
    )


def _cells(data: pd.DataFrame, threshold: float, ends: Ends) -> alt.Chart:
    _, colors, names = bands(threshold)
    scale = alt.Scale(domain=names, range=colors)
    return (
        alt.Chart(data)
        .mark_rect(opacity=1)
        .encode(
            x=_axis("x", "left", f"Along the line from {ends[0]} to {ends[1]} ({DISTANCE})"),
            x2="right:Q",
            y=_axis("y", "low", f"Away from that line ({DISTANCE})"),
            y2="high:Q",
            color=alt.Color(
                "band:N",
                scale=scale,
                sort=names,
                legend=alt.Legend(
                    title="Loss (nats)",
                    orient="bottom",
                    columns=3,
                    labelLimit=160,
                    symbolType="square",
                ),
            ),
            tooltip=[
                alt.Tooltip("loss:Q", title="Loss (nats)", format=".4~g"),
                alt.Tooltip("predicted:N", title="Seen as"),
                alt.Tooltip("x:Q", title=f"Along {ends[0]} to {ends[1]}", format=".2f"),
                alt.Tooltip("y:Q", title="Away from it", format=".2f"),
            ],
        )
    )


def _axis(channel: str, field: str, title: str) -> alt.X | alt.Y:
    kind = alt.X if channel == "x" else alt.Y
    axis = alt.Axis(grid=False, tickCount=6)
    return kind(f"{field}:Q", title=title, axis=axis, scale=alt.Scale(nice=False, zero=False))


def _borders(arrays: Mapping[str, np.ndarray]) -> alt.Chart:
    """Lines between neighbouring cells that are seen as different classes."""
    x, y = arrays["plane_x"], arrays["plane_y"]
    seen = arrays["plane_prediction"]
    half_x, half_y = (x[1] - x[0]) / 2, (y[1] - y[0]) / 2
    j, i = np.nonzero(seen[:, 1:] != seen[:, :-1])
    upright = pd.DataFrame(
        {"x": x[i] + half_x, "x2": x[i] + half_x, "y": y[j] - half_y, "y2": y[j] + half_y}
    )
    j, i = np.nonzero(seen[1:] != seen[:-1])
    level = pd.DataFrame(
        {"x": x[i] - half_x, "x2": x[i] + half_x, "y": y[j] + half_y, "y2": y[j] + half_y}
    )
    return (
        alt.Chart(pd.concat([upright, level]))
        .mark_rule(color=COAST, size=1.5, strokeCap="square")
        .encode(x="x:Q", x2="x2:Q", y="y:Q", y2="y2:Q")
    )


def _paths(routes: Sequence[Route]) -> list[alt.Chart]:
    layers = []
    for name, places, color in routes:
        data = pd.DataFrame(
            {"x": places[:, 0], "y": places[:, 1], "order": range(len(places)), "path": name}
        )
        base = alt.Chart(data).encode(x="x:Q", y="y:Q", order="order:Q", tooltip="path:N")
        layers += [
            base.mark_line(color=COAST, strokeWidth=6, opacity=0.9),
            base.mark_line(color=color, strokeWidth=3),
        ]
    return layers


def _nodes(arrays: Mapping[str, np.ndarray], letters: Mapping[int, str]) -> list[alt.Chart]:
    spots, offset = arrays["plane_nodes"], arrays["plane_offset"]
    data = pd.DataFrame(
        {
            "x": spots[:, 0],
            "y": spots[:, 1],
            "offset": offset,
            "letter": [letters.get(k, "") for k in range(len(spots))],
            "name": [letters.get(k, f"node {k}") for k in range(len(spots))],
        }
    )
    tips = [
        alt.Tooltip("name:N", title="Picture"),
        alt.Tooltip("offset:Q", title=f"Out of the plane ({DISTANCE})", format=".2f"),
    ]
    base = alt.Chart(data).encode(x="x:Q", y="y:Q", tooltip=tips)
    halo: dict[str, Any] = {"fontSize": 17, "fontWeight": 700, "dy": -16}
    return [
        base.mark_point(filled=True, size=70, color=INK, stroke=COAST, strokeWidth=1.5, opacity=1),
        base.mark_text(**halo, stroke=COAST, strokeWidth=4, color=COAST).encode(text="letter:N"),
        base.mark_text(**halo, color=INK).encode(text="letter:N"),
    ]
