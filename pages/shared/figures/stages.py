"""Connectivity through training: mean loss curves stage by stage, barriers, and how inputs were made."""

from __future__ import annotations

import altair as alt
import pandas as pd

from engine.plots.curves import LOG_FLOOR, LOSS, Drawing, log_loss
from engine.plots.palette import BYPASS, MARK, SERIES, STRAIGHT

HEIGHT = 320
PLACE = "Place between the two inputs (0 and 1)"
HEIGHT_TITLE = "Barrier height (nats)"
COLORS = [SERIES[5], SERIES[1], SERIES[3]]
"""From early to late; each stands out from the light page and from the dark one."""


def stage_curves(curves: pd.DataFrame, phase: str) -> tuple[Drawing, pd.DataFrame]:
    """Mean loss on the straight line, one line a stage; quartiles of the first and the last as bands.

    `curves` is an evolution record's; `phase` is "batch" or "epoch".
    """
    data = curves[curves["phase"] == phase].drop(columns="phase").reset_index(drop=True)
    color = alt.Color(
        "number:Q",
        scale=alt.Scale(range=COLORS, interpolate="lab"),
        legend=alt.Legend(
            orient="top", title=phase.capitalize(), type="gradient", gradientLength=160
        ),
    )
    x = alt.X(
        "t:Q",
        title=PLACE,
        scale=alt.Scale(domain=[0, 1], nice=False),
    )
    base = alt.Chart(data).encode(x=x, color=color, detail="number:Q")
    ends = data[data["number"].isin([data["number"].min(), data["number"].max()])]
    band = (
        alt.Chart(ends)
        .mark_area(opacity=0.22)
        .encode(
            x=x,
            y=alt.Y("quarter:Q", title=LOSS),
            y2="three_quarters:Q",
            color=color,
            detail="number:Q",
        )
    )
    line = base.mark_line(strokeWidth=1.8).encode(
        y=alt.Y("loss:Q", title=LOSS),
        tooltip=[
            alt.Tooltip("number:Q", title=phase.capitalize()),
            alt.Tooltip("t:Q", title="Place", format=".2f"),
            alt.Tooltip("loss:Q", title="Mean loss (nats)", format=".3~g"),
            alt.Tooltip("quarter:Q", title="Quarter below", format=".3~g"),
            alt.Tooltip("three_quarters:Q", title="Three quarters below", format=".3~g"),
        ],
    )
    return alt.layer(band, line).properties(height=HEIGHT), data


def stage_barriers(barriers: pd.DataFrame, phase: str) -> tuple[Drawing, pd.DataFrame]:
    """Mean barrier height against batch or epoch: band of its 95 % interval, paler one of quartiles.

    The dashed line is the median, which single high barriers leave alone.
    """
    data = barriers[barriers["phase"] == phase].drop(columns="phase").reset_index(drop=True)
    known = data.dropna(subset=["height"])
    x = alt.X(
        "number:Q",
        title=f"{phase.capitalize()} (0: before training)",
        axis=alt.Axis(tickMinStep=1, format="d"),
        scale=alt.Scale(nice=False),
    )
    base = alt.Chart(known).encode(x=x)
    quartiles = base.mark_area(clip=True, color=STRAIGHT, opacity=0.14).encode(
        y=alt.Y("quarter:Q", title=HEIGHT_TITLE), y2="three_quarters:Q"
    )
    interval = base.mark_area(clip=True, color=STRAIGHT, opacity=0.35).encode(
        y=alt.Y("low:Q", title=HEIGHT_TITLE), y2="high:Q"
    )
    height = alt.Y("height:Q", title=HEIGHT_TITLE, scale=alt.Scale(domainMin=0))
    line = base.mark_line(color=STRAIGHT, strokeWidth=2).encode(y=height)
    median = base.mark_line(color=MARK, strokeWidth=1.8, strokeDash=[5, 4]).encode(
        y=alt.Y("median:Q", title=HEIGHT_TITLE)
    )
    dots = base.mark_point(color=STRAIGHT, filled=True, size=34, opacity=1).encode(
        y=height, tooltip=_barrier_tips(phase)
    )
    return alt.layer(quartiles, interval, median, line, dots).properties(height=HEIGHT), data


def input_traces(search: pd.DataFrame, threshold: float) -> tuple[Drawing, pd.DataFrame]:
    """The loss of every input while it was made, in steps of Adam; dashed, the loss asked for."""
    names = {"A": "A, no penalty", "C": "C, high-frequency penalty"}
    data = search.assign(loss=search["loss"].clip(lower=LOG_FLOOR), kind=search["input"].map(names))
    data["name"] = [
        f"{seed} {label} {end}"
        for seed, label, end in zip(*(data[c] for c in ("seed", "class", "input")), strict=True)
    ]
    lines = (
        alt.Chart(data)
        .mark_line(strokeWidth=1.6, opacity=0.85)
        .encode(
            x=alt.X("step:Q", title="Step of Adam", axis=alt.Axis(tickMinStep=1)),
            y=log_loss(),
            detail="name:N",
            color=alt.Color(
                "kind:N",
                scale=alt.Scale(domain=list(names.values()), range=[BYPASS, STRAIGHT]),
                legend=alt.Legend(orient="top", title=None, labelLimit=220),
            ),
            tooltip=[
                alt.Tooltip("seed:Q", title="Seed"),
                alt.Tooltip("class:N", title="Class"),
                alt.Tooltip("kind:N", title="Input"),
                alt.Tooltip("step:Q", title="Step"),
                alt.Tooltip("loss:Q", title=LOSS, format=".3~g"),
            ],
        )
    )
    goal = pd.DataFrame({"loss": [threshold]})
    rule = alt.Chart(goal).mark_rule(color=MARK, strokeDash=[5, 4], size=1.5).encode(y=log_loss())
    return alt.layer(lines, rule).properties(height=HEIGHT), search


def _barrier_tips(phase: str) -> list[alt.Tooltip]:
    return [
        alt.Tooltip("number:Q", title=phase.capitalize()),
        alt.Tooltip("height:Q", title="Mean height (nats)", format=".3~g"),
        alt.Tooltip("low:Q", title="95 % from", format=".3~g"),
        alt.Tooltip("high:Q", title="to", format=".3~g"),
        alt.Tooltip("median:Q", title="Median (nats)", format=".3~g"),
        alt.Tooltip("quarter:Q", title="Quarter below", format=".3~g"),
        alt.Tooltip("three_quarters:Q", title="Three quarters below", format=".3~g"),
        alt.Tooltip("connected:Q", title="Connected by a straight line", format=".0%"),
        alt.Tooltip("pairs:Q", title="Pairs"),
        alt.Tooltip("steps:Q", title="Steps an input took, mean", format=".0f"),
    ]
