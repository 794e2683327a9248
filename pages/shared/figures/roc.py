"""Detectors against one attack: ROC curves, and what they detect at few false positives."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from engine.plots import grammar as g
from engine.plots.palette import ADVERSARIAL, MARK, SERIES, STRAIGHT

HEIGHT = 540
"""With the legend, about as high as wide in half of a page."""

ROW, MARGIN = 28, 110
"""Pixels of height for each detector, and for legend and axis."""

FEW = 10.0
"""False-positive rate in percent up to which ROC curves are drawn where only few matter."""

COLORS = (STRAIGHT, *SERIES)
DASHES = ([1, 0], [6, 3], [2, 2])
"""One after another, when the colours have all been used."""

LEVELS = {"detected_1": "at 1 %", "detected_5": "at 5 %"}
LEVEL_MARKS = {"at 1 %": (ADVERSARIAL, "triangle-up"), "at 5 %": (SERIES[0], "circle")}
ALARMS, DETECTED = "false-positive rate (%)", "detected (%)"


def roc_curves(curves: pd.DataFrame, names: Sequence[str], few: bool) -> g.Figure:
    """Attacked images detected against clean ones called attacks, a line for each detector.

    `curves` has columns title, false_alarms and detected (shares); `names` are the titles in order. A
    click on a name in the legend singles it out.
    """
    highest = FEW if few else 100.0
    rates = {ALARMS: 100 * curves["false_alarms"], DETECTED: 100 * curves["detected"]}
    data = pd.DataFrame({"title": curves["title"], **rates})
    data = data[data[ALARMS] <= highest].reset_index(drop=True)
    x = g.across(ALARMS, "False-positive rate (%)", domain=[0, highest])
    y = g.up(DETECTED, "Attacked images detected (%)", domain=[0, 100])
    # Where there are more names than colours, they begin anew with another dash.
    dashes = {name: DASHES[k // len(COLORS) % len(DASHES)] for k, name in enumerate(names)}
    form: g.Look = {**g.STROKE, "columns": g.fitting(2, 165)}
    chosen = g.pick("title")
    look: g.Look = {
        "color": g.colors("title", g.series(names, COLORS), **form),
        "strokeDash": g.dashes("title", dashes, **form),
        "opacity": g.faint(chosen),
    }
    tips = {"title": "Detector", ALARMS: ALARMS, DETECTED: DETECTED}
    guess = pd.DataFrame({ALARMS: [0, highest], DETECTED: [0, highest]})
    chart = g.draw(
        g.line(data, x, y, tips, clip=True, **look),
        g.line(guess, x, y, color=MARK, strokeDash=g.DASH),
        height=HEIGHT,
        params=[chosen],
    )
    return chart, data


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
