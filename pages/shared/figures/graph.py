"""Modes as a graph: pictures as nodes, edges coloured by the highest loss on the path between two."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from engine.plots.curves import Drawing
from engine.plots.palette import COAST, INK, MARK, SERIES
from pages.shared.figures.plane import bands

HEIGHT = 460
PICTURE = 46
ROOM = 0.18
"""Empty space on every side, as a share of what the nodes span."""

KIND_COLOURS = {"Natural-looking": SERIES[2], "Pattern": SERIES[3], "Real": SERIES[0]}


def mode_graph(
    nodes: pd.DataFrame,
    edges: pd.DataFrame,
    threshold: float,
    titles: tuple[str, str] | None,
    marked: tuple[int, int] | None = None,
) -> tuple[Drawing, pd.DataFrame]:
    """The graph, and its edges as a table.

    `nodes`: number, x, y, kind, image (data URI), loss (nats), group. `edges`: first, second (numbers),
    height (nats) and connected. `titles` name the axes of a map; None draws no axes. `marked` is the
    edge that is walked.
    """
    spots = nodes.set_index("number")
    _, _, names = bands(threshold)
    drawn = edges.assign(
        **{
            f"{axis}{end or ''}": spots.loc[edges[column], axis].to_numpy()
            for axis in "xy"
            for end, column in (("", "first"), (2, "second"))
        },
        band=[names[index] for index in band_of(edges["height"].to_numpy(), threshold)],
        pair=[f"{a} to {b}" for a, b in zip(edges["first"], edges["second"], strict=True)],
        marked=[pair == marked for pair in zip(edges["first"], edges["second"], strict=True)],
    )
    places = _places(nodes, titles)
    # Kinds and losses have colours of their own, and so legends of their own.
    chart = alt.layer(
        alt.layer(*_edges(drawn, threshold, places)), alt.layer(*_nodes(nodes, places))
    ).resolve_scale(color="independent")
    table = edges[["first", "second", "height", "connected"]]
    return chart.properties(height=HEIGHT), table


def circle(count: int) -> np.ndarray:
    """Places (count, 2) on a circle, the first at the top, clockwise."""
    angle = np.pi / 2 - 2 * np.pi * np.arange(count) / count
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


def kind_words(kind: str) -> str:
    """A kind of mode as figures name it."""
    names: Mapping[str, str] = {"natural": "Natural-looking", "pattern": "Pattern", "real": "Real"}
    return names[kind]


def band_of(heights: np.ndarray, threshold: float) -> np.ndarray:
    """The shade of each height, as a place in `bands(threshold)`."""
    borders, _, _ = bands(threshold)
    places: np.ndarray = np.searchsorted(borders, heights, side="left")
    return places


def _places(nodes: pd.DataFrame, titles: tuple[str, str] | None) -> dict[str, Any]:
    """The two position channels, with room around the nodes."""
    channels: dict[str, Any] = {}
    for k, (name, channel) in enumerate((("x", alt.X), ("y", alt.Y))):
        values = nodes[name].to_numpy(float)
        room = ROOM * max(float(np.ptp(values)), 1e-6)
        domain = [values.min() - room, values.max() + room]
        scale = alt.Scale(domain=domain, nice=False, zero=False)
        axis = alt.Axis(title=titles[k], grid=False, tickCount=5) if titles else None
        channels[name] = channel(f"{name}:Q", scale=scale, axis=axis)
    return channels


def _edges(data: pd.DataFrame, threshold: float, places: dict[str, Any]) -> list[alt.Chart]:
    """Each edge twice: a rim that shows on both themes, and its colour on it."""
    _, colors, names = bands(threshold)
    tips = [
        alt.Tooltip("pair:N", title="Modes"),
        alt.Tooltip("height:Q", title="Highest loss (nats)", format=".3~g"),
        alt.Tooltip("connected:N", title="Connected"),
    ]
    base = alt.Chart(data).encode(**places, x2="x2:Q", y2="y2:Q", tooltip=tips)
    width = alt.condition("datum.marked", alt.value(11), alt.value(7))
    return [
        base.mark_rule(color=MARK, strokeCap="round").encode(size=width),
        base.mark_rule(size=4.5, strokeCap="round").encode(
            color=alt.Color(
                "band:N",
                scale=alt.Scale(domain=names, range=colors),
                sort=names,
                legend=alt.Legend(
                    title="Highest loss on the path (nats)",
                    orient="bottom",
                    columns=3,
                    labelLimit=160,
                    symbolType="stroke",
                    symbolStrokeWidth=5,
                    titleLimit=300,
                ),
            )
        ),
    ]


def _nodes(nodes: pd.DataFrame, places: dict[str, Any]) -> list[alt.Chart]:
    kinds = [kind for kind in KIND_COLOURS if kind in set(nodes["kind"])]
    tips = [
        alt.Tooltip("image:N"),
        alt.Tooltip("number:N", title="Mode"),
        alt.Tooltip("kind:N", title="Kind"),
        alt.Tooltip("loss:Q", title="Loss (nats)", format=".3~g"),
        alt.Tooltip("group:N", title="Component"),
    ]
    base = alt.Chart(nodes).encode(**places, tooltip=tips)
    frame = alt.Color(
        "kind:N",
        scale=alt.Scale(domain=kinds, range=[KIND_COLOURS[kind] for kind in kinds]),
        legend=alt.Legend(title=None, orient="top", symbolType="square"),
    )
    corner: dict[str, Any] = {"xOffset": -PICTURE / 2, "yOffset": -PICTURE / 2}
    return [
        base.mark_point(shape="square", filled=True, size=(PICTURE + 8) ** 2, opacity=1).encode(
            color=frame
        ),
        base.mark_image(width=PICTURE, height=PICTURE).encode(url="image:N"),
        base.mark_point(filled=True, size=330, color=INK, opacity=1, stroke=COAST, **corner),
        base.mark_text(color=COAST, fontSize=12, fontWeight=700, **corner).encode(text="number:N"),
    ]
