"""What a detector costs and what clean images it takes for attacked."""

from __future__ import annotations

import altair as alt
import pandas as pd

from engine.plots.curves import Drawing
from engine.plots.legend import legend
from engine.plots.palette import ADVERSARIAL, BYPASS, MARK, SERIES

HEIGHT = 320
ROW, MARGIN = 34, 110
"""Pixels of height for each detector, and for legend and axis."""

COSTS = {
    "milliseconds": "Time of an image (ms)",
    "passes": "Passes of an image through the network",
}
"""What may lie on the horizontal axis."""

TICKS = [digit * 10.0**power for power in range(-3, 6) for digit in (1, 3)]

ALARM = 5.0


def accuracy_against_cost(costs: pd.DataFrame, across: str) -> tuple[Drawing, pd.DataFrame]:
    """Mean AUC against what an image costs, a named mark for each detector, and the table.

    `costs` has columns title, milliseconds, passes and auc (a share).
    """
    data = costs[["title", "milliseconds", "passes"]].assign(auc=100 * costs["auc"])
    data["across"] = data[across].clip(lower=0.5 if across == "passes" else 1e-3)
    middle = (float(data["across"].min()) * float(data["across"].max())) ** 0.5
    data["left"] = data["across"] > middle  # names stay within the figure
    base = alt.Chart(data).encode(
        x=alt.X(
            "across:Q",
            title=COSTS[across],
            scale=alt.Scale(type="log", nice=True),
            axis=alt.Axis(format="~g", values=TICKS, labelOverlap=True),
        ),
        y=alt.Y("auc:Q", title="Mean AUC (%)", scale=alt.Scale(zero=False, nice=True)),
        tooltip=[
            alt.Tooltip("title:N", title="Detector"),
            alt.Tooltip("milliseconds:Q", title=COSTS["milliseconds"], format=".3~g"),
            alt.Tooltip("passes:Q", title="Passes"),
            alt.Tooltip("auc:Q", title="Mean AUC (%)", format=".1f"),
        ],
    )
    dots = base.mark_point(filled=True, size=110, opacity=1, color=BYPASS)
    words = [
        base.transform_filter(f"{'' if left else '!'}datum.left")
        .mark_text(align="right" if left else "left", dx=-9 if left else 9, fontSize=12, color=MARK)
        .encode(text="title:N")
        for left in (False, True)
    ]
    chart = alt.layer(dots, *words).properties(height=HEIGHT)
    table = data[["title", "milliseconds", "passes", "auc"]]
    return chart, table.rename(columns={"title": "detector", "auc": "mean AUC (%)"})


def alarm_bars(negatives: pd.DataFrame) -> tuple[Drawing, pd.DataFrame]:
    """The share of other clean images called attacks; dashed, that of ordinary clean ones.

    `negatives` has columns title, kind, images and alarms (a share).
    """
    data = negatives[["title", "kind", "images"]].assign(alarms=100 * negatives["alarms"])
    names, kinds = list(data["title"].unique()), list(data["kind"].unique())
    title = "Clean images called attacks (%)"
    scale = alt.Scale(domain=[0, max(float(data["alarms"].max()), 4 * ALARM)])
    bars = (
        alt.Chart(data)
        .mark_bar(opacity=1)
        .encode(
            x=alt.X("alarms:Q", title=title, scale=scale),
            y=alt.Y("title:N", sort=names, title=None, axis=alt.Axis(labelLimit=170)),
            yOffset=alt.YOffset("kind:N", sort=kinds),
            color=alt.Color(
                "kind:N",
                scale=alt.Scale(domain=kinds, range=[ADVERSARIAL, SERIES[0]]),
                legend=legend(),
            ),
            tooltip=[
                alt.Tooltip("title:N", title="Detector"),
                alt.Tooltip("kind:N", title="Clean images"),
                alt.Tooltip("alarms:Q", title=title, format=".1f"),
                alt.Tooltip("images:Q", title="Of so many images"),
            ],
        )
    )
    usual = pd.DataFrame({"alarms": [ALARM]})
    rule = alt.Chart(usual).mark_rule(color=MARK, strokeDash=[5, 4], size=1.5).encode(x="alarms:Q")
    chart = alt.layer(bars, rule).properties(height=ROW * len(names) + MARGIN)
    return chart, data.rename(columns={"title": "detector", "alarms": title.lower()})
