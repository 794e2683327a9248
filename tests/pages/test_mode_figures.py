"""Figures of modes: cells that tile the triangle, colours that follow the loss, valid charts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from engine.hulls import simplex_grid
from pages.shared.figures.graph import circle, mode_graph
from pages.shared.figures.hull import CORNERS, hull_map, hull_table
from pages.shared.figures.sea import OVERLAP, band_of, bands
from pages.shared.figures.trace import growth

CLASSES = ["disc", "ring"]


def test_cells_tile_the_triangle() -> None:
    """Without the overlap that hides seams, neighbours touch and rows lie on each other."""
    steps = 8
    weights = simplex_grid(3, steps)
    data = hull_table(weights, np.zeros(len(weights)), np.zeros(len(weights)), 0.05, CLASSES)
    left, low = data["left"].to_numpy(), data["low"].to_numpy()
    width = (data["right"] - data["left"]).to_numpy() / (1 + OVERLAP / 2)
    height = (data["high"] - data["low"]).to_numpy() / (1 + OVERLAP / 2)
    assert np.allclose(width, 1 / steps)
    assert np.allclose(height, 3**0.5 / 2 / steps)
    rows = np.unique(low.round(9))
    assert len(rows) == steps + 1
    assert np.allclose(np.diff(rows), height[0])
    for row in rows:
        assert np.allclose(np.diff(np.sort(left[np.isclose(low, row)])), width[0])


def test_a_pure_picture_stands_at_its_corner() -> None:
    weights = simplex_grid(3, 4)
    data = hull_table(weights, np.zeros(len(weights)), np.zeros(len(weights)), 0.05, CLASSES)
    for k in range(3):
        cell = data[data[f"w{k}"] == 1].iloc[0]
        centre = cell["left"] + 0.5 / 4, cell["low"] + 3**0.5 / 4 / 4
        assert centre == pytest.approx(tuple(CORNERS[k]))


def test_shades_follow_the_loss() -> None:
    borders, _, names = bands(0.05)
    heights = np.array([0.0, 0.05, 0.0501, borders[-1], 99])
    assert band_of(heights, 0.05).tolist() == [names[0], names[0], names[1], *names[-2:]]
    assert names[0].endswith("(land)")
    assert names[-1].startswith("above")


def test_the_hull_s_table_names_the_shares() -> None:
    weights = simplex_grid(3, 3)
    loss = np.linspace(0, 1, len(weights))
    corners = [(f"mode {k}", "data:,") for k in (1, 4, 6)]
    chart, table = hull_map(weights, loss, loss > 0.5, 0.05, CLASSES, corners)
    assert chart.to_dict()["layer"]
    assert list(table.columns) == [
        "share of mode 1",
        "share of mode 4",
        "share of mode 6",
        "loss",
        "predicted",
    ]
    assert set(table["predicted"]) == {"disc", "ring"}


def test_the_graph_joins_the_places_of_its_modes() -> None:
    spots = circle(3)
    nodes = pd.DataFrame(
        {
            "number": [1, 2, 3],
            "x": spots[:, 0],
            "y": spots[:, 1],
            "kind": ["Real", "Pattern", "Real"],
            "image": "data:,",
            "loss": 0.001,
            "group": 1,
        }
    )
    edges = pd.DataFrame(
        {"first": [1, 1, 2], "second": [2, 3, 3], "height": [0.01, 2.0, 9.0], "connected": True}
    )
    chart, table = mode_graph(nodes, edges, 0.05, None, marked=(1, 3))
    spec = chart.to_dict()
    drawn = next(rows for rows in spec["datasets"].values() if {"x2", "band"} <= rows[0].keys())
    assert [row["marked"] for row in drawn] == [False, True, False]
    for row, (first, second) in zip(drawn, ((0, 1), (0, 2), (1, 2)), strict=True):
        ends = [row["x"], row["y"], row["x2"], row["y2"]]
        assert ends == pytest.approx([*spots[first], *spots[second]])
    assert spec["resolve"]["scale"]["color"] == "independent"
    assert list(table.columns) == ["first", "second", "height", "connected"]


def test_growth_draws_a_line_a_picture() -> None:
    trace = pd.DataFrame({"mode": [0, 0, 1], "step": [0, 1, 0], "loss": [2.0, 0.0, 3.0]})
    chart, table = growth(trace, ["A", "C"], 1e-3)
    assert chart.to_dict()["layer"]
    assert list(table["picture"]) == ["A", "A", "C"]
    assert table["loss"].min() > 0, "a logarithmic axis has no zero"
