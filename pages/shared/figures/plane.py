"""The loss plane as a map: land where a path may go, sea where the loss is high, both paths on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt
import numpy as np
import pandas as pd

from engine.plots import grammar as g
from engine.plots.palette import BYPASS, COAST, INK, SERIES, STRAIGHT
from pages.shared.figures.sea import band_colors, cell_table

HEIGHT = 470
DISTANCE = "image distance"

ATTACK = SERIES[2]
"""The way that an attack took an image."""

Route = tuple[str, np.ndarray, str]
"""A line on the map: its name, its points (M, 2), its colour."""


def loss_plane(
    arrays: Mapping[str, np.ndarray],
    threshold: float,
    classes: Sequence[str],
    ends: tuple[str, str] = ("A", "C"),
) -> g.Figure:
    """The map of a record's loss plane with both paths, and the table of what is drawn."""
    spots = arrays["plane_nodes"]
    bend = int(np.argmax(np.abs(spots[:, 1])))
    letters = {0: ends[0], len(spots) - 1: ends[1], bend: "B′"}
    routes = [("Straight path", spots[[0, -1]], STRAIGHT), ("Path found", spots, BYPASS)]
    return _map(arrays, threshold, classes, routes, letters, ends)


def attack_plane(
    arrays: Mapping[str, np.ndarray], threshold: float, classes: Sequence[str]
) -> g.Figure:
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
    ends: tuple[str, str],
) -> g.Figure:
    data = plane_table(arrays, threshold, classes)
    form: g.Look = {"grid": False, "tickCount": 6, "nice": False, "zero": False}
    x = g.across("x", f"Along the line from {ends[0]} to {ends[1]} ({DISTANCE})", **form)
    y = g.up("y", f"Away from that line ({DISTANCE})", **form)
    tips = {
        "loss": "Loss (nats)",
        "predicted": "Seen as",
        "x": f"Along {ends[0]} to {ends[1]} ({DISTANCE})",
        "y": f"Away from it ({DISTANCE})",
    }
    border: g.Look = {"x2": "x2", "y2": "y2", "color": COAST, "size": 1.5, "strokeCap": "square"}
    chart = g.draw(
        g.cells(data, x, y, tips, color=band_colors(threshold, "Loss (nats)")),
        g.mark("rule", border_table(arrays), x=x, y=y, **border),
        *(_route(route, x, y) for route in routes),
        _nodes(arrays, letters, x, y),
        height=HEIGHT,
    )
    return chart, data[["x", "y", "loss", "predicted"]]


def plane_table(
    arrays: Mapping[str, np.ndarray], threshold: float, classes: Sequence[str]
) -> pd.DataFrame:
    """One row a cell: its centre and edges in image distance, loss in nats, predicted class, band."""
    x, y = (values.ravel() for values in np.meshgrid(arrays["plane_x"], arrays["plane_y"]))
    seen = [classes[number] for number in arrays["plane_prediction"].astype(int).ravel()]
    return cell_table(x, y, _half(arrays), arrays["plane_loss"].ravel(), seen, threshold)


def border_table(arrays: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """The lines (x, y to x2, y2) between neighbouring cells that are seen as different classes."""
    x, y, seen = arrays["plane_x"], arrays["plane_y"], arrays["plane_prediction"]
    half_x, half_y = _half(arrays)
    j, i = np.nonzero(seen[:, 1:] != seen[:, :-1])
    upright = [x[i] + half_x, x[i] + half_x, y[j] - half_y, y[j] + half_y]
    j, i = np.nonzero(seen[1:] != seen[:-1])
    level = [x[i] - half_x, x[i] + half_x, y[j] + half_y, y[j] + half_y]
    columns = ("x", "x2", "y", "y2")
    return pd.DataFrame(np.hstack([upright, level]).T, columns=columns)


def _half(arrays: Mapping[str, np.ndarray]) -> tuple[float, float]:
    """Half the width and half the height of a cell."""
    x, y = arrays["plane_x"], arrays["plane_y"]
    return (x[1] - x[0]) / 2, (y[1] - y[0]) / 2


def _route(route: Route, x: alt.X, y: alt.Y) -> g.Layers:
    """A line with a rim that shows on land and sea."""
    name, places, color = route
    data = pd.DataFrame(places, columns=["x", "y"]).assign(order=range(len(places)), path=name)
    rim: g.Look = {"order": "order", "color": COAST, "strokeWidth": 6, "opacity": 0.9}
    shown: g.Look = {"order": "order", "color": color, "strokeWidth": 3}
    return [*g.line(data, x, y, **rim), g.mark("line", data, ["path"], x=x, y=y, **shown)]


def _nodes(
    arrays: Mapping[str, np.ndarray], letters: Mapping[int, str], x: alt.X, y: alt.Y
) -> g.Layers:
    spots = arrays["plane_nodes"]
    data = pd.DataFrame(spots, columns=["x", "y"]).assign(
        offset=arrays["plane_offset"],
        letter=[letters.get(k, "") for k in range(len(spots))],
        name=[letters.get(k, f"node {k}") for k in range(len(spots))],
    )
    tips = {"name": "Picture", "offset": f"Out of the plane ({DISTANCE})"}
    word: g.Look = {"x": x, "y": y, "text": "letter", "fontWeight": 700, "dy": -16}
    word |= {"fontSize": 17}
    return [
        g.points(data, x, y, tips, size=70, color=INK, stroke=COAST, strokeWidth=1.5),
        g.mark("text", data, tips, **word, stroke=COAST, strokeWidth=4, color=COAST),
        g.mark("text", data, tips, **word, color=INK),
    ]
