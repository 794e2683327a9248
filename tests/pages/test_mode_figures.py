"""Figures of modes: colours that follow the loss, valid charts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pages.shared.figures.graph import circle, mode_graph
from pages.shared.figures.sea import band_of, bands
from pages.shared.figures.trace import growth


def test_shades_follow_the_loss() -> None:
    borders, _, names = bands(0.05)
    heights = np.array([0.0, 0.05, 0.0501, borders[-1], 99])
    assert band_of(heights, 0.05).tolist() == [names[0], names[0], names[1], *names[-2:]]
    assert names[0].endswith("(land)")
    assert names[-1].startswith("above")


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
