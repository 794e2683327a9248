"""What each detector thinks of one image: its false-alarm rate, on a logarithmic scale."""

from __future__ import annotations

import altair as alt
import pandas as pd

from engine.plots.curves import Drawing
from engine.plots.legend import legend
from engine.plots.palette import ADVERSARIAL, MARK, REAL
from pages.shared.words import share

ROW, MARGIN = 28, 110
"""Pixels of height for each detector, and for legend and axis."""

CALLS = {True: "Attack", False: "No sign of an attack"}
TITLE = "Clean images with as high a score (%)"


def opinion_dots(opinions: pd.DataFrame, level: float) -> tuple[Drawing, pd.DataFrame]:
    """A mark for each detector: the share of clean images it suspects as much; dashed, the limit.

    `opinions` holds one image's rows of a verdict's table; `level` is the share of false alarms allowed.
    """
    data = opinions[["title", "false_alarm", "score"]].assign(
        percent=100 * opinions["false_alarm"], call=opinions["attack"].map(CALLS)
    )
    names = list(data["title"])
    calls = list(CALLS.values())
    lowest = min(float(data["percent"].min()), 50 * level)
    scale = alt.Scale(type="log", domain=[lowest * 0.8, 100], nice=False)
    axis = alt.Axis(format="~g", values=[0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100])
    x = alt.X("percent:Q", title=TITLE, scale=scale, axis=axis)
    dots = (
        alt.Chart(data)
        .mark_point(filled=True, size=110, opacity=1)
        .encode(
            x=x,
            y=alt.Y("title:N", sort=names, title=None, axis=alt.Axis(labelLimit=170)),
            color=alt.Color(
                "call:N",
                scale=alt.Scale(domain=calls, range=[ADVERSARIAL, REAL]),
                legend=legend(),
            ),
            shape=alt.Shape(
                "call:N",
                scale=alt.Scale(domain=calls, range=["triangle-up", "circle"]),
                legend=legend(),
            ),
            tooltip=[
                alt.Tooltip("title:N", title="Detector"),
                alt.Tooltip("call:N", title="Says"),
                alt.Tooltip("percent:Q", title=TITLE, format=".3~g"),
                alt.Tooltip("score:Q", title="Score", format=".3~g"),
            ],
        )
    )
    chart = alt.layer(limit_rule(100 * level, x), dots).properties(height=ROW * len(names) + MARGIN)
    table = data[["title", "score", "percent", "call"]]
    return chart, table.rename(columns={"title": "detector", "percent": TITLE.lower()})


def limit_rule(percent: float, x: alt.X) -> Drawing:
    """The limit of false alarms with its name at the top of the figure."""
    data = pd.DataFrame({"percent": [percent], "words": [f"limit {share(percent / 100)}"]})
    rule = alt.Chart(data).mark_rule(color=MARK, strokeDash=[5, 4], size=1.5).encode(x=x)
    text = (
        alt.Chart(data)
        .mark_text(align="left", dx=5, baseline="top", color=MARK, fontSize=12)
        .encode(x=x, y=alt.value(2), text="words:N")
    )
    return alt.layer(rule, text)
