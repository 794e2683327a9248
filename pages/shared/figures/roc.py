"""Detectors against one attack: ROC curves, and what they detect at few false alarms."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from engine.plots.curves import Drawing
from engine.plots.legend import legend
from engine.plots.palette import ADVERSARIAL, MARK, SERIES, STRAIGHT

HEIGHT = 340
ROW, MARGIN = 28, 110
"""Pixels of height for each detector, and for legend and axis."""

FEW = 10.0
"""False alarms in percent up to which ROC curves are drawn where only few matter."""

COLORS = (STRAIGHT, *SERIES)
DASHES = ([1, 0], [6, 3], [2, 2])
"""One after another, when the colours have all been used."""

LEVELS = {"detected_1": "at 1 %", "detected_5": "at 5 %"}


def roc_curves(
    curves: pd.DataFrame, names: Sequence[str], few: bool
) -> tuple[Drawing, pd.DataFrame]:
    """Attacked images detected against clean ones called attacks, a line for each detector.

    `curves` has columns title, false_alarms and detected (shares); `names` are the titles in order. A
    click on a name in the legend singles it out.
    """
    data = pd.DataFrame(
        {
            "title": curves["title"],
            "alarms": 100 * curves["false_alarms"],
            "detected": 100 * curves["detected"],
        }
    )
    highest = FEW if few else 100.0
    data = data[data["alarms"] <= highest].reset_index(drop=True)
    x = alt.X(
        "alarms:Q",
        title="Clean images called attacks (%)",
        scale=alt.Scale(domain=[0, highest], nice=False),
    )
    y = alt.Y("detected:Q", title="Attacked images detected (%)", scale=alt.Scale(domain=[0, 100]))
    picked = alt.selection_point(fields=["title"], bind="legend", name="picked")
    faint = alt.condition(picked, alt.value(1.0), alt.value(0.1))
    color, dash = detector_color(names), _dash(names)
    base = alt.Chart(data).encode(x=x, y=y, color=color)
    lines = base.mark_line(strokeWidth=2, clip=True).encode(strokeDash=dash, opacity=faint)
    catcher = base.mark_point(size=70, opacity=0).encode(
        tooltip=[
            alt.Tooltip("title:N", title="Detector"),
            alt.Tooltip("alarms:Q", title="False alarms (%)", format=".3~g"),
            alt.Tooltip("detected:Q", title="Detected (%)", format=".1f"),
        ]
    )
    chance = pd.DataFrame({"alarms": [0, highest], "detected": [0, highest]})
    guess = alt.Chart(chance).mark_line(color=MARK, strokeDash=[5, 4]).encode(x=x, y=y)
    chart = alt.layer(guess, lines.add_params(picked), catcher).properties(height=HEIGHT)
    return chart, data.rename(columns={"alarms": "false alarms (%)", "detected": "detected (%)"})


def detection_rates(rates: pd.DataFrame) -> tuple[Drawing, pd.DataFrame]:
    """What each detector detects at 1 % and at 5 % false alarms; `rates` has title and both shares."""
    names = list(rates["title"])
    data = rates.melt("title", list(LEVELS), "level", "detected")
    data["level"] = data["level"].map(LEVELS)
    data["detected"] = 100 * data["detected"]
    levels = list(LEVELS.values())
    y = alt.Y("title:N", sort=names, title=None, axis=alt.Axis(labelLimit=170))
    x = alt.X("detected:Q", title="Attacked images detected (%)", scale=alt.Scale(domain=[0, 100]))
    base = alt.Chart(data).encode(x=x, y=y)
    links = base.mark_line(color=MARK, strokeWidth=1.5).encode(detail="title:N")
    scale = alt.Scale(domain=levels, range=[ADVERSARIAL, SERIES[0]])
    marks = base.mark_point(filled=True, size=100, opacity=1).encode(
        color=alt.Color("level:N", scale=scale, legend=legend()),
        shape=alt.Shape(
            "level:N",
            scale=alt.Scale(domain=levels, range=["triangle-up", "circle"]),
            legend=legend(),
        ),
        tooltip=[
            alt.Tooltip("title:N", title="Detector"),
            alt.Tooltip("level:N", title="At"),
            alt.Tooltip("detected:Q", title="Detected (%)", format=".1f"),
        ],
    )
    chart = alt.layer(links, marks).properties(height=ROW * len(names) + MARGIN)
    return chart, data.rename(columns={"detected": "detected (%)"})


def detector_color(names: Sequence[str]) -> alt.Color:
    """A colour for each title; where there are more, they begin anew with another dash."""
    colors = [COLORS[k % len(COLORS)] for k in range(len(names))]
    scale = alt.Scale(domain=list(names), range=colors)
    form = legend(symbolType="stroke", symbolStrokeWidth=3, symbolOpacity=1, columns=3)
    return alt.Color("title:N", scale=scale, legend=form)


def _dash(names: Sequence[str]) -> alt.StrokeDash:
    dashes = [DASHES[k // len(COLORS) % len(DASHES)] for k in range(len(names))]
    scale = alt.Scale(domain=list(names), range=dashes)
    form = legend(symbolType="stroke", symbolStrokeWidth=3, symbolOpacity=1, columns=3)
    return alt.StrokeDash("title:N", scale=scale, legend=form)
