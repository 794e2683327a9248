"""What each detector thinks of one image: its false-positive rate, on a logarithmic scale."""

from __future__ import annotations

import pandas as pd

from engine.plots import grammar as g
from engine.plots.palette import ADVERSARIAL, REAL
from pages.shared.words import share

ROW, MARGIN = 28, 110
"""Pixels of height for each detector, and for legend and axis."""

CALLS = {True: "Attack", False: "No sign of an attack"}
MARKS = {CALLS[True]: (ADVERSARIAL, "triangle-up"), CALLS[False]: (REAL, "circle")}
RATE = "clean images with as high a score (%)"


def opinion_dots(opinions: pd.DataFrame, level: float) -> g.Figure:
    """A mark for each detector: the share of clean images it suspects as much; dashed, the limit.

    `opinions` holds one image's rows of a verdict's table; `level` is the share of false positives allowed.
    """
    data = opinions[["title", "score"]].rename(columns={"title": "detector"})
    data = data.assign(
        **{RATE: 100 * opinions["false_alarm"], "call": opinions["attack"].map(CALLS)}
    )
    lowest = 0.8 * min(float(data[RATE].min()), 50 * level)
    ticks = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100]
    x = g.across(RATE, RATE.capitalize(), log=True, domain=[lowest, 100], values=ticks)
    y = g.listed("detector", data["detector"])
    dots = g.points(
        data, x, y, ["detector", "call", RATE, "score"], size=110, **g.marks("call", MARKS)
    )
    limit = g.rule(x, 100 * level, f"limit {share(level)}")
    return g.draw(limit, dots, height=ROW * len(data) + MARGIN), data
