"""Figures of a benchmark: ROC curves, transfer, what detectors cost, and where they fail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt
import numpy as np
import pandas as pd

from engine.plots import grammar as g
from engine.plots.palette import ADVERSARIAL, BYPASS, INK, MARK, SEA, SERIES, STRAIGHT

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
LEVEL_SIZES = {"at 5 %": 170, "at 1 %": 50}
"""Both are seen where they are equal."""
FALSE_POSITIVES, DETECTED = "false-positive rate (%)", "detected (%)"


def roc_curves(curves: pd.DataFrame, areas: Mapping[str, float]) -> g.Figure:
    """Attacked images detected against clean ones called attacks, a line for each detector, named in it.

    `curves` has columns title, false_alarms and detected (shares); `areas` are the AUC by title, in the
    order of the colours. Names stand in the corner that good lines leave free, the best on top.
    """
    rates = {FALSE_POSITIVES: 100 * curves["false_alarms"], DETECTED: 100 * curves["detected"]}
    data = pd.DataFrame({"title": curves["title"], **rates})
    x = g.across(FALSE_POSITIVES, "False-positive rate (%)", domain=[0, 100])
    y = g.up(DETECTED, "Attacked images detected (%)", domain=[0, 100])
    # Where there are more names than colours, they begin anew with another dash.
    dashes = {name: DASHES[k // len(COLORS) % len(DASHES)] for k, name in enumerate(areas)}
    color = g.colors("title", g.series(areas, COLORS), named=False)
    look: g.Look = {"color": color, "strokeDash": g.dashes("title", dashes)}
    tips = {"title": "Detector", FALSE_POSITIVES: FALSE_POSITIVES, DETECTED: DETECTED}
    guess = pd.DataFrame({FALSE_POSITIVES: [0, 100], DETECTED: [0, 100]})
    order = sorted(areas, key=lambda title: areas[title])
    names = pd.DataFrame({"title": order, "words": [f"{t} {100 * areas[t]:.1f}" for t in order]})
    names = names.assign(**{DETECTED: [5 + LINE * k for k in range(len(order))]})
    names = names.assign(**{FALSE_POSITIVES: 92.0, "begin": 93.5, "end": 99.0})
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
        *(
            g.points(
                data[data["level"] == name], x, y, tips, size=size, **g.marks("level", LEVEL_MARKS)
            )
            for name, size in LEVEL_SIZES.items()
        ),
        height=ROW * len(rates) + MARGIN,
    )
    return chart, data


CELL, MAP_MARGIN = 38, 260
"""Pixels of height for each row, and for legend and axes."""

NARROW_CELL = 32
"""Pixels of width below which a cell has no room for a decimal."""

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
    top = alt.Axis(labelAngle=-90, orient="top", labelLimit=150, labelOverlap=False)
    place: g.Look = {
        "x": alt.X(f"{TESTED}:N", sort=columns, title="Tested on", axis=top),
        "y": alt.Y(
            f"{LEARNT}:N", sort=list(names), title="Learnt from", axis=alt.Axis(labelLimit=150)
        ),
    }
    scale = alt.Scale(domain=[CHANCE, 100], range=[SEA[0], SEA[2], SEA[5]], clamp=True)
    bar = g.legend(AUC, orient="bottom", gradientLength=120)
    shade = alt.Color(f"{AUC}:Q", scale=scale, legend=bar)
    ink = alt.condition(f"datum['{AUC}'] > 82", alt.value("white"), alt.value(INK))
    cell = f"width / {len(columns)}"
    # Where cells are narrow, whole numbers are written, and so stay legible.
    words = f"format(datum['{AUC}'], {cell} < {NARROW_CELL} ? '.0f' : '.3~g')"
    size = alt.ExprRef(f"clamp({cell} / 2.5, 10, 13)")
    number = {"text": alt.value(alt.ExprRef(words)), "color": ink, "fontSize": size}
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
    looks = g.marks(LEARNT, LESSON_MARKS, columns=g.fitting(2, 160))
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
    x, y = g.across("plain", AUC, domain=[0, 100]), g.listed("title", data["title"])
    ways = {"plain": f"Ordinary attack, {AUC}", "adaptive": f"Adaptive attack, {AUC}"}
    tips, adapted = {"title": "Detector", **ways}, g.of(x, "adaptive")
    chart = g.draw(
        g.interval(data, x, "plain", "adaptive", tips, y=y, color=MARK, size=2),
        g.points(data, x, y, tips, size=90, color=SERIES[0]),
        g.points(data, adapted, y, tips, size=110, color=STRAIGHT, shape="triangle-left"),
        height=CELL * len(data) + MARGIN,
    )
    return chart, data


HEIGHT = 320
BARS = 34
"""Pixels of height for the bars of a detector."""

COSTS = {
    "milliseconds": "Time of an image (ms)",
    "passes": "Passes of an image through the network",
}
"""What may lie on the horizontal axis."""

LABEL = 0.05
"""The height of a line of words, as a share of the figure's."""

ALARM = 5.0
MEAN_AUC, ALARMS = "mean AUC (%)", "clean images called attacks (%)"


def accuracy_against_cost(costs: pd.DataFrame, cost: str) -> g.Figure:
    """Mean AUC against what an image costs, a named mark for each detector, and the table.

    `costs` has columns title, milliseconds, passes and auc (a share).
    """
    table = costs[["title", *COSTS]].rename(columns={"title": "detector"})
    table[MEAN_AUC] = 100 * costs["auc"]
    data = table.assign(across=table[cost].clip(lower=0.5 if cost == "passes" else 1e-3))
    x = g.across("across", COSTS[cost], log=True, nice=True)
    y = g.up(MEAN_AUC, "Mean AUC (%)", zero=False, nice=True)
    tips = {"detector": "Detector", **COSTS, MEAN_AUC: MEAN_AUC}
    dots = g.points(data, x, y, tips, size=110, color=BYPASS)
    return g.draw(dots, _names(data, x, y), height=HEIGHT), table


def _names(data: pd.DataFrame, x: alt.X, y: alt.Y) -> g.Layers:
    """Each name beside its mark, towards the middle; one that would lie on another goes below it."""
    middle = float(data["across"].min() * data["across"].max()) ** 0.5
    room = LABEL * float(np.ptp(data[MEAN_AUC]))
    far = np.abs(np.log(data["across"] / middle))
    ordered = data.iloc[np.lexsort((far, -data[MEAN_AUC].round()))]
    layers = []
    for _, side in ordered.groupby(ordered["across"] > middle):
        height, heights = np.inf, []
        for auc in side[MEAN_AUC]:
            height = min(auc, height - room)
            heights.append(height)
        look = {"color": MARK, "fontSize": 12, **g.beside(side["across"].iloc[0], middle + 1e-9)}
        named = side.assign(height=heights)
        layers.append(g.mark("text", named, x=x, y=g.of(y, "height"), text="detector", **look))
    return layers


def alarm_bars(negatives: pd.DataFrame) -> g.Figure:
    """The share of other clean images called attacks; dashed, that of ordinary clean ones.

    `negatives` has columns title, kind, images and alarms (a share).
    """
    data = negatives[["title", "kind", "images"]].rename(columns={"title": "detector"})
    data[ALARMS] = 100 * negatives["alarms"]
    names, kinds = list(data["detector"].unique()), list(data["kind"].unique())
    x = g.across(ALARMS, ALARMS.capitalize(), domain=[0, max(data[ALARMS].max(), 4 * ALARM)])
    place: g.Look = {"y": g.listed("detector", names), "yOffset": alt.YOffset("kind:N", sort=kinds)}
    shades = dict(zip(kinds, (ADVERSARIAL, SERIES[0]), strict=False))
    tips = {"detector": "Detector", "kind": "Clean images", ALARMS: ALARMS, "images": "Of images"}
    bars = g.mark("bar", data, tips, x=x, color=g.colors("kind", shades), opacity=1, **place)
    return g.draw(bars, g.rule(x, ALARM), height=BARS * len(names) + MARGIN), data
