"""Modes as a graph: pictures as nodes, edges coloured by the highest loss on the path between two."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from engine.plots import grammar as g
from engine.plots.palette import MARK, SERIES
from pages.shared.figures.sea import band_colors, band_of, numbered

HEIGHT = 460
PICTURE = 46
ROOM = 0.18
"""Empty space on every side, as a share of what the nodes span."""

KINDS = {"natural": "Natural-looking", "pattern": "Pattern", "real": "Real"}
KIND_COLORS = {"Natural-looking": SERIES[2], "Pattern": SERIES[3], "Real": SERIES[0]}


def mode_graph(
    nodes: pd.DataFrame,
    edges: pd.DataFrame,
    threshold: float,
    titles: tuple[str, str] | None,
    marked: tuple[int, int] | None = None,
) -> g.Figure:
    """The graph, and its edges as a table.

    `nodes`: number, x, y, kind, image (data URI), loss (nats), group. `edges`: first, second (numbers),
    height (nats) and connected. `titles` name the axes of a map; None draws no axes. `marked` is the
    edge that is walked.
    """
    wide, high = titles or (None, None)
    x = g.across("x", wide, **_room(nodes["x"]))
    y = g.up("y", high, **_room(nodes["y"]))
    # Kinds and losses have colours of their own, and so legends of their own.
    chart = alt.layer(
        alt.layer(*_edges(edge_table(nodes, edges, threshold, marked), threshold, x, y)),
        alt.layer(*_nodes(nodes, x, y)),
    ).resolve_scale(color="independent")
    table = edges[["first", "second", "height", "connected"]]
    return chart.properties(height=HEIGHT), table


def circle(count: int) -> np.ndarray:
    """Places (count, 2) on a circle, the first at the top, clockwise."""
    angle = np.pi / 2 - 2 * np.pi * np.arange(count) / count
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


def edge_table(
    nodes: pd.DataFrame, edges: pd.DataFrame, threshold: float, marked: tuple[int, int] | None
) -> pd.DataFrame:
    """The edges with the places of their ends (x, y and x2, y2), their band, and which is marked."""
    spots = nodes.set_index("number")[["x", "y"]]
    ends = list(zip(edges["first"], edges["second"], strict=True))
    first, second = (spots.loc[edges[end]].reset_index(drop=True) for end in ("first", "second"))
    return edges.reset_index(drop=True).assign(
        **first.to_dict("series"),
        **second.add_suffix("2").to_dict("series"),
        band=band_of(edges["height"].to_numpy(), threshold),
        pair=[f"{a} to {b}" for a, b in ends],
        marked=[end == marked for end in ends],
    )


def _room(values: pd.Series) -> g.Look:
    """The form of a position channel that leaves room around the nodes."""
    room = ROOM * max(float(np.ptp(values)), 1e-6)
    domain = [float(values.min()) - room, float(values.max()) + room]
    return {"domain": domain, "zero": False, "grid": False, "tickCount": 5}


def _edges(data: pd.DataFrame, threshold: float, x: alt.X, y: alt.Y) -> g.Layers:
    """Each edge twice: a rim that shows on both themes, and its colour on it."""
    tips = {"pair": "Modes", "height": "Highest loss (nats)", "connected": "Connected"}
    ends = {"x": x, "y": y, "x2": "x2", "y2": "y2", "strokeCap": "round"}
    width = alt.condition("datum.marked", alt.value(11), alt.value(7))
    stroke = {"symbolType": "stroke", "symbolStrokeWidth": 5}
    shade = band_colors(threshold, "Highest loss on the path (nats)", **stroke)
    return [
        g.mark("rule", data, tips, **ends, color=MARK, size=width),
        g.mark("rule", data, tips, **ends, color=shade, size=4.5),
    ]


def _nodes(nodes: pd.DataFrame, x: alt.X, y: alt.Y) -> g.Layers:
    tips = {
        "image": "image",
        "number": "Mode",
        "kind": "Kind",
        "loss": "Loss (nats)",
        "group": "Component",
    }
    there = {kind: color for kind, color in KIND_COLORS.items() if kind in set(nodes["kind"])}
    frame = {"shape": "square", "size": (PICTURE + 8) ** 2}
    color = g.colors("kind", there, symbolType="square")
    return [
        g.points(nodes, x, y, tips, color=color, **frame),
        *numbered(nodes, x, y, tips, PICTURE),
    ]
