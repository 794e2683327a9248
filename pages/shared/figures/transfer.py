"""What a detector makes of attacks that it did not learn from: a heat map, and one attack beside all."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from engine.plots import grammar as g
from engine.plots.palette import INK, MARK, SEA, SERIES, STRAIGHT

CELL, MARGIN, MAP_MARGIN = 38, 110, 170
"""Pixels of height for each row, and for legend and axes."""

CHANCE = 50
LESSONS = {"own": "that attack alone", "all": "all attacks together"}
LESSON_MARKS = {LESSONS["own"]: (STRAIGHT, "circle"), LESSONS["all"]: (SERIES[0], "square")}
AUC, LEARNT, TESTED = "AUC (%)", "learnt from", "tested on"


def transfer_map(rates: pd.DataFrame, names: Sequence[str]) -> g.Figure:
    """AUC in percent: rows what was learnt from, columns what was tested on.

    `rates` has columns trained, tested (titles) and auc (a share); `names` are the titles in order.
    """
    data = pd.DataFrame(
        {LEARNT: rates["trained"], TESTED: rates["tested"], AUC: 100 * rates["auc"]}
    )
    columns = [name for name in names if name in set(data[TESTED])]
    top = alt.Axis(labelAngle=0, orient="top", labelLimit=80)
    place: g.Look = {
        "x": alt.X(f"{TESTED}:N", sort=columns, title="Tested on", axis=top),
        "y": alt.Y(f"{LEARNT}:N", sort=list(names), title="Learnt from"),
    }
    scale = alt.Scale(domain=[CHANCE, 100], range=[SEA[0], SEA[2], SEA[5]], clamp=True)
    bar = g.legend(AUC, orient="bottom", gradientLength=160)
    shade = alt.Color(f"{AUC}:Q", scale=scale, legend=bar)
    ink = alt.condition(f"datum['{AUC}'] > 82", alt.value("white"), alt.value(INK))
    number = {"text": alt.Text(f"{AUC}:Q", format=".1f"), "color": ink, "fontSize": 13}
    chart = g.draw(
        g.mark("rect", data, list(data), color=shade, stroke="white", strokeWidth=1, **place),
        g.mark("text", data, list(data), **number, **place),
        height=CELL * len(names) + MAP_MARGIN,
    )
    return chart, data


def lessons(intervals: pd.DataFrame, names: Sequence[str]) -> g.Figure:
    """AUC on each attack with its interval, learnt from that attack alone and from all together.

    `intervals` has columns tested (title), trained ("own" or "all"), auc, auc_low and auc_high (shares).
    """
    columns = {"auc": AUC, "auc_low": "from", "auc_high": "to"}
    numbers = {name: 100 * intervals[column] for column, name in columns.items()}
    learnt = intervals["trained"].map(LESSONS)
    data = pd.DataFrame({"tested": intervals["tested"], LEARNT: learnt, **numbers})
    x = g.across(AUC, AUC, zero=False, domainMax=100)
    look: g.Look = {
        "y": g.listed("tested", names),
        "yOffset": alt.YOffset(f"{LEARNT}:N", sort=list(LESSONS.values())),
    }
    tips = {"tested": TESTED, LEARNT: LEARNT, AUC: AUC, "from": "95 % from (%)", "to": "to (%)"}
    looks = g.marks(LEARNT, LESSON_MARKS)
    chart = g.draw(
        g.interval(data, x, "from", "to", tips, color=looks["color"], **look),
        g.points(data, x, tips=tips, size=90, **looks, **look),
        height=CELL * data["tested"].nunique() + MARGIN,
    )
    return chart, data


def falls(adaptive: pd.DataFrame) -> g.Figure:
    """How far each detector falls when the attack knows it; columns title, plain and adaptive (AUC)."""
    data = 100 * adaptive[["plain", "adaptive"]]
    data.insert(0, "title", adaptive["title"])
    title = f"{AUC}, from the ordinary attack (circle) to the adaptive one (triangle)"
    x, y = g.across("plain", title, domain=[0, 100]), g.listed("title", data["title"])
    ways = {"plain": f"Ordinary attack, {AUC}", "adaptive": f"Adaptive attack, {AUC}"}
    tips, adapted = {"title": "Detector", **ways}, g.of(x, "adaptive")
    chart = g.draw(
        g.interval(data, x, "plain", "adaptive", tips, y=y, color=MARK, size=2),
        g.points(data, x, y, tips, size=90, color=SERIES[0]),
        g.points(data, adapted, y, tips, size=110, color=STRAIGHT, shape="triangle-left"),
        height=CELL * len(data) + MARGIN,
    )
    return chart, data
