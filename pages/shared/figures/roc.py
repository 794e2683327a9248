"""Detectors against one attack: ROC curves, and what they detect at few false positives."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from engine.plots import grammar as g
from engine.plots.palette import ADVERSARIAL, MARK, SERIES, STRAIGHT

SIDE = 350
"""Of the square with its axes, in pixels: it fits a phone."""

LINE = 4.4
"""The height of a name, in percent of the square's."""

ROW, MARGIN = 28, 110
"""Pixels of height for each detector, and for legend and axis."""

COLORS = (STRAIGHT, *SERIES)
DASHES = ([1, 0], [6, 3], [2, 2])
"""One after another, when the colours have all been used."""

LEVELS = {"detected_1": "at 1 %", "detected_5": "at 5 %"}
LEVEL_MARKS = {"at 1 %": (ADVERSARIAL, "triangle-up"), "at 5 %": (SERIES[0], "circle")}
ALARMS, DETECTED = "false-positive rate (%)", "detected (%)"


def roc_curves(curves: pd.DataFrame, areas: Mapping[str, float]) -> g.Figure:
    """Attacked images detected against clean ones called attacks, a line for each detector, named in it.

    `curves` has columns title, false_alarms and detected (shares); `areas` are the AUC by title, in the
    order of the colours. Names stand in the corner that good lines leave free, the best on top.
    """
    rates = {ALARMS: 100 * curves["false_alarms"], DETECTED: 100 * curves["detected"]}
    data = pd.DataFrame({"title": curves["title"], **rates})
    x = g.across(ALARMS, "False-positive rate (%)", domain=[0, 100])
    y = g.up(DETECTED, "Attacked images detected (%)", domain=[0, 100])
    # Where there are more names than colours, they begin anew with another dash.
    dashes = {name: DASHES[k // len(COLORS) % len(DASHES)] for k, name in enumerate(areas)}
    color = g.colors("title", g.series(areas, COLORS), named=False)
    look: g.Look = {"color": color, "strokeDash": g.dashes("title", dashes)}
    tips = {"title": "Detector", ALARMS: ALARMS, DETECTED: DETECTED}
    guess = pd.DataFrame({ALARMS: [0, 100], DETECTED: [0, 100]})
    order = sorted(areas, key=lambda title: areas[title])
    names = pd.DataFrame({"title": order, "words": [f"{t} {100 * areas[t]:.1f}" for t in order]})
    names = names.assign(**{DETECTED: [5 + LINE * k for k in range(len(order))]})
    names = names.assign(**{ALARMS: 92.0, "begin": 93.5, "end": 99.0})
    words: g.Look = {"text": "words", "align": "right", "baseline": "middle", "fontSize": 12}
    chart = g.draw(
        g.line(guess, x, y, color=MARK, strokeDash=g.DASH),
        g.line(data, x, y, tips, clip=True, **look),
        g.mark("rule", names, x=g.of(x, "begin"), x2="end", y=y, size=3, **look),
        g.mark("text", names, x=x, y=y, color=MARK, **words),
        height=SIDE,
    )
    return chart.properties(width=SIDE), data


def detection_rates(rates: pd.DataFrame) -> g.Figure:
    """What each detector detects at rates of 1 % and 5 %; `rates` has title and both shares."""
    data = rates.melt("title", list(LEVELS), "level", DETECTED)
    data = data.assign(**{"level": data["level"].map(LEVELS), DETECTED: 100 * data[DETECTED]})
    x = g.across(DETECTED, "Attacked images detected (%)", domain=[0, 100])
    y = g.listed("title", rates["title"])
    tips = {"title": "Detector", "level": "At", DETECTED: DETECTED}
    chart = g.draw(
        g.line(data, x, y, color=MARK, strokeWidth=1.5, detail="title:N"),
        g.points(data, x, y, tips, **g.marks("level", LEVEL_MARKS)),
        height=ROW * len(rates) + MARGIN,
    )
    return chart, data
