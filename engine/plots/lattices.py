"""Percolation in many dimensions: the order parameter against p, Monte Carlo beside mean field."""

from __future__ import annotations

import pandas as pd

from engine.plots import grammar as g

HEIGHT = 380

TITLES = {
    "p": "Probability p that a site is occupied",
    "neighbours": "Occupied neighbours of a site, on average (2dp)",
}
TIPS = {
    "dimension": "Dimensions",
    "p": "p",
    "neighbours": "2dp",
    "share": "Monte Carlo",
    "low": "95 % from",
    "high": "to",
    "mean_field": "Mean field",
}
MOST_NEIGHBOURS = 4.0


def order_parameter(table: pd.DataFrame, measure: str, axis: str) -> g.Figure:
    """One colour a dimension: points and bands from Monte Carlo, dashed lines from mean field.

    `table` is a percolation record's "order", `measure` "largest" or "spanning", `axis` one of TITLES; also
    returns the rows that are drawn.
    """
    shown = table["measure"] == measure
    if axis == "neighbours":
        shown &= table["neighbours"] <= MOST_NEIGHBOURS
    data = table[shown].drop(columns="measure").reset_index(drop=True)
    x = g.across(axis, TITLES[axis], nice=False, tickCount=8, labelOverlap=True)
    y = g.up("share", "Share of occupied sites (%)", domain=[0, 1], labelExpr=g.PERCENT)
    shades = g.series(sorted(data["dimension"].unique().tolist()))
    color = g.colors("dimension", shades, title="Dimensions", symbolOpacity=1)
    chosen = g.pick("dimension")
    look: g.Look = {"color": color, "opacity": g.faint(chosen)}
    chart = g.draw(
        g.band(data, x, y, "low", "high", color=color, opacity=g.faint(chosen, 0.25)),
        g.line(data, x, g.of(y, "mean_field"), strokeDash=g.DASH, strokeWidth=1.5, **look),
        g.line(data, x, y, TIPS, dots=28, **look),
        height=HEIGHT,
        params=[chosen],
    )
    return chart, data
