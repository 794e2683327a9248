"""What one image's score is made of: what each group of features adds, over what is usual."""

from __future__ import annotations

import pandas as pd

from engine.plots import grammar as g
from engine.plots.palette import ADVERSARIAL, REAL

ROW, MARGIN = 26, 110
"""Pixels of height for each group, and for legend and axis."""

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
    x = g.across("part", "More than the mean clean image (log-odds)")
    y = g.listed("group", data["group"])
    color = g.colors("speaks", dict(SIDES.values()))
    bars = g.mark("bar", data, ["group", "part", "speaks"], x=x, y=y, size=12, color=color)
    usual = [
        g.interval(data, x, *ends, ["group", *ends], y=y, yOffset=offset, color=g.alt.value(color))
        for side, offset, color in (("clean", -9, REAL), ("attacked", 9, ADVERSARIAL))
        if (ends := (f"{side}_low", f"{side}_high"))[0] in data
    ]
    return g.draw(bars, *usual, height=ROW * len(data) + MARGIN), data
