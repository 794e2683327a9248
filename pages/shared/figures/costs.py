"""What a detector costs and what clean images it takes for attacked."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from engine.plots import grammar as g
from engine.plots.palette import ADVERSARIAL, BYPASS, MARK, SERIES

HEIGHT = 320
ROW, MARGIN = 34, 110
"""Pixels of height for each detector, and for legend and axis."""

COSTS = {
    "milliseconds": "Time of an image (ms)",
    "passes": "Passes of an image through the network",
}
"""What may lie on the horizontal axis."""

LINE = 0.05
"""The height of a line of words, as a share of the figure's."""

ALARM = 5.0
AUC, ALARMS = "mean AUC (%)", "clean images called attacks (%)"


def accuracy_against_cost(costs: pd.DataFrame, cost: str) -> g.Figure:
    """Mean AUC against what an image costs, a named mark for each detector, and the table.

    `costs` has columns title, milliseconds, passes and auc (a share).
    """
    table = costs[["title", *COSTS]].rename(columns={"title": "detector"})
    table[AUC] = 100 * costs["auc"]
    data = table.assign(across=table[cost].clip(lower=0.5 if cost == "passes" else 1e-3))
    x = g.across("across", COSTS[cost], log=True, nice=True)
    y = g.up(AUC, "Mean AUC (%)", zero=False, nice=True)
    tips = {"detector": "Detector", **COSTS, AUC: AUC}
    dots = g.points(data, x, y, tips, size=110, color=BYPASS)
    return g.draw(dots, _names(data, x, y), height=HEIGHT), table


def _names(data: pd.DataFrame, x: alt.X, y: alt.Y) -> g.Layers:
    """Each name beside its mark, towards the middle; one that would lie on another goes below it."""
    middle = float(data["across"].min() * data["across"].max()) ** 0.5
    room = LINE * float(np.ptp(data[AUC]))
    far = np.abs(np.log(data["across"] / middle))
    ordered = data.iloc[np.lexsort((far, -data[AUC].round()))]
    layers = []
    for _, side in ordered.groupby(ordered["across"] > middle):
        height, heights = np.inf, []
        for auc in side[AUC]:
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
    return g.draw(bars, g.rule(x, ALARM), height=ROW * len(names) + MARGIN), data
