"""What a detector makes of attacks that it did not learn from: a heat map, and one attack beside all."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from engine.plots.curves import Drawing
from engine.plots.legend import legend
from engine.plots.palette import INK, MARK, SEA, SERIES, STRAIGHT

CELL, MARGIN, MAP_MARGIN = 38, 110, 170
"""Pixels of height for each row, and for legend and axes."""

CHANCE = 50
LESSONS = {"own": "that attack alone", "all": "all attacks together"}
AUC = "AUC (%)"


def transfer_map(rates: pd.DataFrame, names: Sequence[str]) -> tuple[Drawing, pd.DataFrame]:
    """AUC in percent: rows what was learnt from, columns what was tested on.

    `rates` has columns trained, tested (titles) and auc (a share); `names` are the titles in order.
    """
    data = rates[["trained", "tested"]].assign(auc=100 * rates["auc"])
    tested = [name for name in names if name in set(data["tested"])]
    base = alt.Chart(data).encode(
        x=alt.X(
            "tested:N",
            sort=tested,
            title="Tested on",
            axis=alt.Axis(labelAngle=0, orient="top", labelLimit=80),
        ),
        y=alt.Y("trained:N", sort=list(names), title="Learnt from", axis=alt.Axis(labelLimit=110)),
        tooltip=[
            alt.Tooltip("trained:N", title="Learnt from"),
            alt.Tooltip("tested:N", title="Tested on"),
            alt.Tooltip("auc:Q", title=AUC, format=".1f"),
        ],
    )
    cells = base.mark_rect(stroke="white", strokeWidth=1).encode(
        color=alt.Color(
            "auc:Q",
            scale=alt.Scale(domain=[CHANCE, 100], range=[SEA[0], SEA[2], SEA[5]], clamp=True),
            legend=alt.Legend(orient="bottom", title=AUC, gradientLength=160),
        )
    )
    numbers = base.mark_text(fontSize=13).encode(
        text=alt.Text("auc:Q", format=".1f"),
        color=alt.condition("datum.auc > 82", alt.value("white"), alt.value(INK)),
    )
    chart = alt.layer(cells, numbers).properties(height=CELL * len(names) + MAP_MARGIN)
    return chart, data.rename(columns={"trained": "learnt from", "tested": "tested on", "auc": AUC})


def lessons(intervals: pd.DataFrame, names: Sequence[str]) -> tuple[Drawing, pd.DataFrame]:
    """AUC on each attack with its interval, learnt from that attack alone and from all together.

    `intervals` has columns tested (title), trained ("own" or "all"), auc, auc_low and auc_high (shares).
    """
    columns = ("auc", "auc_low", "auc_high")
    data = intervals[["tested"]].assign(
        trained=intervals["trained"].map(LESSONS), **{c: 100 * intervals[c] for c in columns}
    )
    kinds = list(LESSONS.values())
    scale = alt.Scale(zero=False, domainMax=100)
    base = alt.Chart(data).encode(
        y=alt.Y("tested:N", sort=list(names), title=None, axis=alt.Axis(labelLimit=110)),
        yOffset=alt.YOffset("trained:N", sort=kinds),
        color=alt.Color(
            "trained:N",
            scale=alt.Scale(domain=kinds, range=[STRAIGHT, SERIES[0]]),
            legend=legend(),
        ),
        tooltip=[
            alt.Tooltip("tested:N", title="Tested on"),
            alt.Tooltip("trained:N", title="Learnt from"),
            alt.Tooltip("auc:Q", title=AUC, format=".1f"),
            alt.Tooltip("auc_low:Q", title="95 % interval from", format=".1f"),
            alt.Tooltip("auc_high:Q", title="to", format=".1f"),
        ],
    )
    rules = base.mark_rule(size=2.5).encode(
        x=alt.X("auc_low:Q", title=AUC, scale=scale), x2="auc_high:Q"
    )
    marks = base.mark_point(filled=True, size=90, opacity=1).encode(
        x=alt.X("auc:Q", title=AUC, scale=scale),
        shape=alt.Shape(
            "trained:N",
            scale=alt.Scale(domain=kinds, range=["circle", "square"]),
            legend=legend(),
        ),
    )
    chart = alt.layer(rules, marks).properties(height=CELL * data["tested"].nunique() + MARGIN)
    return chart, data.rename(
        columns={"trained": "learnt from", "auc": AUC, "auc_low": "from", "auc_high": "to"}
    )


def falls(adaptive: pd.DataFrame) -> tuple[Drawing, pd.DataFrame]:
    """How far each detector falls when the attack knows it; columns title, plain and adaptive (AUC)."""
    data = adaptive[["title"]].assign(
        plain=100 * adaptive["plain"], adaptive=100 * adaptive["adaptive"]
    )
    y = alt.Y("title:N", sort=list(data["title"]), title=None, axis=alt.Axis(labelLimit=170))
    title = f"{AUC}, from the ordinary attack (circle) to the adaptive one (triangle)"
    tips = [
        alt.Tooltip("title:N", title="Detector"),
        alt.Tooltip("plain:Q", title="Ordinary attack", format=".1f"),
        alt.Tooltip("adaptive:Q", title="Adaptive attack", format=".1f"),
    ]
    base = alt.Chart(data).encode(y=y, tooltip=tips)
    scale = alt.Scale(domain=[0, 100])
    x = alt.X("plain:Q", title=title, scale=scale)
    chart = alt.layer(
        base.mark_rule(color=MARK, size=2).encode(x=x, x2="adaptive:Q"),
        base.mark_point(filled=True, size=90, opacity=1, color=SERIES[0]).encode(x=x),
        base.mark_point(
            filled=True, size=110, opacity=1, color=STRAIGHT, shape="triangle-left"
        ).encode(x=alt.X("adaptive:Q", title=title, scale=scale)),
    )
    return chart.properties(height=CELL * len(data) + MARGIN), data
