"""Figures of a verdict: an image over what is usual, what each detector thinks, what a score is made of."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from engine.plots import grammar as g
from engine.plots.curves import LOSS
from engine.plots.histograms import ATTACKED, CLEAN
from engine.plots.histograms import COLORS as SCORE_COLORS
from engine.plots.palette import ADVERSARIAL, REAL, SERIES
from pages.shared.words import share

HEIGHT = 270
OWN = "This image"
COLORS = {**SCORE_COLORS, OWN: SERIES[2]}
DASHES = {CLEAN: [5, 3], ATTACKED: [2, 2], OWN: [1, 0]}
DECILES = ("decile 1", "decile 9")
MOST_LOGITS = 30
"""Of more classes only the largest logits are drawn."""


def curve_over_bands(curve: np.ndarray, bands: np.ndarray) -> g.Figure:
    """An image's loss curve (points,) over those of clean and attacked images, and the table.

    `bands` (2, 3, points) holds deciles 1, 5 and 9 of clean and of attacked ones, in nats.
    """
    x = g.across("t", "t (0 = this image, 1 = the reference)", domain=[0, 1])
    return _draw(np.linspace(0, 1, len(curve)), curve, bands, x, g.up("loss (nats)", LOSS))


def logits_over_bands(logits: np.ndarray, bands: np.ndarray) -> g.Figure:
    """An image's logits (K,) from the largest to the smallest over the bands (2, 3, K), and the table."""
    count = min(len(logits), MOST_LOGITS)
    title = "Rank of the class (1 = the predicted one)"
    x = g.across("rank", title, domain=[1, count], tickMinStep=1, format="d")
    falling = np.sort(logits)[::-1][:count]
    return _draw(np.arange(1, count + 1), falling, bands[:, :, :count], x, g.up("logit", "Logit"))


def _draw(at: np.ndarray, own: np.ndarray, bands: np.ndarray, x: alt.X, y: alt.Y) -> g.Figure:
    place, value = g.column(x), g.column(y)
    usual = pd.concat(
        pd.DataFrame({"images": name, place: at, value: middle, DECILES[0]: low, DECILES[1]: high})
        for name, (low, middle, high) in zip((CLEAN, ATTACKED), bands, strict=True)
    )
    this = pd.DataFrame({"images": OWN, place: at, value: own})
    shade = g.colors("images", COLORS, **g.STROKE)
    look: g.Look = {"color": shade, "strokeDash": g.dashes("images", DASHES)}
    chart = g.draw(
        g.band(usual, x, y, *DECILES, color=shade, opacity=0.2),
        g.line(usual, x, y, list(usual), strokeWidth=1.6, **look),
        g.line(this, x, y, list(this), strokeWidth=3, **look),
        height=HEIGHT,
    )
    return chart, pd.concat([usual, this], ignore_index=True)


ROW, MARGIN = 28, 110
"""Pixels of height for each detector or group of features, and for legend and axis."""

CALLS = {True: "Attack", False: "No sign of an attack"}
MARKS = {CALLS[True]: (ADVERSARIAL, "triangle-up"), CALLS[False]: (REAL, "circle")}
RATE = "clean images as suspicious (%)"


def opinion_dots(opinions: pd.DataFrame, level: float) -> g.Figure:
    """A mark for each detector: the share of clean images it suspects as much; dashed, the limit.

    `opinions` holds one image's rows of a verdict's table; `level` is the share of false positives allowed.
    """
    data = opinions[["title", "score"]].rename(columns={"title": "detector"})
    data = data.assign(
        **{RATE: 100 * opinions["false_alarm"], "call": opinions["attack"].map(CALLS)}
    )
    lowest = 0.8 * min(float(data[RATE].min()), 50 * level)
    ticks = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100]
    x = g.across(RATE, RATE.capitalize(), log=True, domain=[lowest, 100], values=ticks)
    y = g.listed("detector", data["detector"])
    dots = g.points(
        data,
        x,
        y,
        ["detector", "call", RATE, "score"],
        size=110,
        **g.marks("call", MARKS, columns=g.fitting(2, 150)),
    )
    limit = g.rule(x, 100 * level, f"limit {share(level)}")
    return g.draw(limit, dots, height=ROW * len(data) + MARGIN), data


SIDES = {True: ("For an attack", ADVERSARIAL), False: ("Against", REAL)}
SHOWN = 10
"""Of more groups only the strongest are drawn, and the others together."""


def score_parts(parts: pd.DataFrame) -> g.Figure:
    """A bar for each group of features: what it adds to the log-odds; lines: deciles 1 to 9 of others.

    `parts` is what `VerdictResult.parts` gives.
    """
    rest = parts.iloc[SHOWN:]
    others = pd.DataFrame({"group": [f"{len(rest)} others"], "part": [rest["part"].sum()]})
    data = pd.concat([parts.head(SHOWN), others], ignore_index=True) if len(rest) else parts
    data = data.assign(speaks=[SIDES[part > 0][0] for part in data["part"]])
    x = g.across("part", "Added to the score (log-odds)")
    y = g.listed("group", data["group"])
    color = g.colors("speaks", dict(SIDES.values()))
    bars = g.mark("bar", data, ["group", "part", "speaks"], x=x, y=y, size=12, color=color)
    usual = [
        g.interval(data, x, *ends, ["group", *ends], y=y, yOffset=offset, color=g.alt.value(color))
        for side, offset, color in (("clean", -9, REAL), ("attacked", 9, ADVERSARIAL))
        if (ends := (f"{side}_low", f"{side}_high"))[0] in data
    ]
    return g.draw(bars, *usual, height=ROW * len(data) + MARGIN), data
