"""How a claim stands: its quantity beside the paper's; and the rounds that pairs need."""

from __future__ import annotations

from math import inf

import altair as alt
import pandas as pd

from engine.plots import grammar as g
from engine.plots.branches import COLORS, NAMES
from engine.plots.palette import ADVERSARIAL, MARK, REAL, SERIES

ROW, MARGIN = 28, 62
"""Pixels of height for each row, and for the axis."""

NAMED, LABELLED, LEGEND = 46, 84, 64
"""A row with its name above it, for names of trials are long; its axis with a title; and a legend."""

DECIDES, BESIDE, PAPER = "decides", "beside it", "the paper"
SHADES = {DECIDES: REAL, BESIDE: MARK, PAPER: ADVERSARIAL}
GOOD, BAD = "holds", "does not hold"
ZONES = {GOOD: SERIES[3], BAD: SERIES[5]}
ROOM = 0.15
"""How far the axis goes on beyond what it shows, as a share of that."""
EDGE = 7
"""Pixels beside the axis, so that a mark on its end is whole."""


def intervals(
    rows: pd.DataFrame,
    title: str,
    limits: dict[str, float],
    lower: bool = False,
    within: tuple[float, float] = (-inf, inf),
    named: bool = True,
) -> g.Figure:
    """One row a trial: `rows` has columns trial, what (DECIDES, BESIDE or PAPER), value, low, high, n.

    `limits` has the value from which on a claim holds (GOOD), and that short of which it does not (BAD);
    `lower` tells that small values are the good ones, `within` where the axis ends unless a value lies
    beyond. A legend says which zone is which where they are `named`.
    """
    ends = [*rows["low"], *rows["high"], *limits.values()]
    room = ROOM * (max(ends) - min(ends) or 1.0)
    low, high = min(ends), max(ends)
    span = (max(low - room, min(low, within[0])), min(high + room, max(high, within[1])))
    names = list(rows["trial"])
    x, y = g.across("value", title, domain=span, padding=EDGE), g.above("trial", names)
    tips, color = ("trial", "value", "low", "high", "n"), g.colors("what", SHADES, named=False)
    chart = g.draw(
        _zones(x, limits, span, lower, named),
        g.interval(rows, x, "low", "high", tips, y=y, color=color, size=2),
        g.points(rows, x, y, tips, color=color),
        height=NAMED * len(names) + LABELLED + LEGEND * named,
    )
    return chart, rows


def _zones(
    x: alt.X, limits: dict[str, float], span: tuple[float, float], lower: bool, named: bool
) -> alt.Chart:
    """Where a claim holds, and where it does not: bands, too narrow for words and so named above."""
    bands = []
    for name in ZONES:
        left = (name == GOOD) == lower
        ends = (span[0], limits[name]) if left else (limits[name], span[1])
        bands.append({"zone": name, "value": ends[0], "end": ends[1]})
    fill = alt.Fill(
        "zone:N",
        scale=alt.Scale(domain=list(ZONES), range=list(ZONES.values())),
        legend=g.legend(symbolType="square", symbolOpacity=0.5, symbolStrokeWidth=0)
        if named
        else None,
    )
    return g.mark("rect", pd.DataFrame(bands), x=x, x2="end", fill=fill, opacity=0.12)


def rounds_needed(pairs: pd.DataFrame, most: int) -> g.Figure:
    """The pairs of each branch, in percent, by the rounds that joined them; 0 is the straight path.

    `pairs` has columns branch, rounds and joined; `most` are the rounds that were allowed.
    """
    names = [*map(str, range(most + 1)), "not joined"]
    words = pairs["rounds"].astype(int).astype(str).where(pairs["joined"] == 1, "not joined")
    table = pd.DataFrame({"pairs of": pairs["branch"].map(NAMES), "rounds": words})
    counts = table.value_counts().rename("pairs").reset_index()
    counts["share (%)"] = (
        100 * counts["pairs"] / counts.groupby("pairs of")["pairs"].transform("sum")
    )
    x = g.across("share (%)", "Share of the pairs (%)")
    look: g.Look = {"color": g.colors("pairs of", COLORS), "yOffset": alt.YOffset("pairs of:N")}
    bars = g.mark("bar", counts, list(counts), x=x, y=g.listed("rounds", names), **look)
    return g.draw(bars, height=ROW * len(names) + MARGIN), counts
