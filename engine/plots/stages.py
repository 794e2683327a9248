"""Connectivity through training: mean loss curves stage by stage, and barriers."""

from __future__ import annotations

import altair as alt
import pandas as pd

from engine.plots import grammar as g
from engine.plots.curves import LOSS
from engine.plots.palette import MARK, SERIES, STRAIGHT

HEIGHT = 320
COLORS = [SERIES[5], SERIES[1], SERIES[3]]
"""From early to late; each stands out from the light page and from the dark one."""

QUARTILES = {"quarter": "Quarter below (nats)", "three_quarters": "Three quarters below (nats)"}
BARRIER_TIPS = {
    "height": "Mean height (nats)",
    "low": "95 % from (nats)",
    "high": "to (nats)",
    "median": "Median (nats)",
    **QUARTILES,
    "connected": "Connected by a straight line, share",
    "pairs": "Pairs",
    "steps": "Steps an input took, mean",
}


def stage_curves(curves: pd.DataFrame, phase: str) -> g.Figure:
    """Mean loss on the straight line, one line a stage; quartiles of the first and the last as bands.

    `curves` is an evolution record's; `phase` is "batch" or "epoch".
    """
    data = _of_phase(curves, phase)
    x = g.across("t", "Place between the two inputs (0 and 1)", domain=[0, 1])
    y = g.up("loss", LOSS)
    ends = data[data["number"].isin([data["number"].min(), data["number"].max()])]
    scale = alt.Scale(range=COLORS, interpolate="lab")
    bar = g.legend(phase.capitalize(), columns=g.fitting(7, 46))
    look: g.Look = {"color": alt.Color("number:Q", scale=scale, legend=bar), "detail": "number:Q"}
    tips = {"number": phase, "t": "Place", "loss": "Mean loss (nats)", **QUARTILES}
    area = g.band(ends, x, y, *QUARTILES, **look)
    return g.draw(area, g.line(data, x, y, tips, strokeWidth=1.8, **look), height=HEIGHT), data


def stage_barriers(barriers: pd.DataFrame, phase: str) -> g.Figure:
    """Mean barrier height against batch or epoch: band of its 95 % interval, paler one of quartiles.

    The dashed line is the median, which single high barriers leave alone.
    """
    data = _of_phase(barriers, phase)
    known = data.dropna(subset=["height"])
    # No barrier is lower, whatever the interval of the mean.
    known = known.assign(low=known["low"].clip(lower=0))
    title = f"{phase.capitalize()} (0: before training)"
    x = g.across("number", title, tickMinStep=1, format="d", nice=False)
    y = g.up("height", "Barrier height (nats)", zero=True)
    chart = g.draw(
        g.band(known, x, y, *QUARTILES, color=STRAIGHT, opacity=0.14, clip=True),
        g.band(known, x, y, "low", "high", color=STRAIGHT, opacity=0.35, clip=True),
        g.line(known, x, g.of(y, "median"), color=MARK, strokeWidth=1.8, strokeDash=g.DASH),
        g.line(known, x, y, {"number": phase, **BARRIER_TIPS}, dots=34, color=STRAIGHT),
        height=HEIGHT,
    )
    return chart, data


def _of_phase(table: pd.DataFrame, phase: str) -> pd.DataFrame:
    return table[table["phase"] == phase].drop(columns="phase").reset_index(drop=True)
