"""How well the gap tells attacked pairs from real ones, attack by attack."""

from __future__ import annotations

import pandas as pd

from engine.plots import grammar as g
from engine.plots.palette import ADVERSARIAL

ROW = 46
CHANCE = 0.5
LOW, HIGH = "AUC, 95 % interval from", "AUC, 95 % interval to"


def separations(attacks: pd.DataFrame) -> g.Figure:
    """A point with its interval for each attack, chance as a dashed line, and the table.

    `attacks` has columns title, auc, auc_low and auc_high.
    """
    names = {"title": "attack", "auc": "auc", "auc_low": LOW, "auc_high": HIGH}
    table = attacks[list(names)].rename(columns=names).reset_index(drop=True)
    x = g.across("auc", "AUC of the gap (0.5 = chance, 1 = apart)", domain=[0, 1], tickCount=5)
    y = g.listed("attack", table["attack"])
    tips = {name: name for name in table} | {"auc": "AUC"}
    chart = g.draw(
        g.rule(x, CHANCE, "chance"),
        g.interval(table, x, LOW, HIGH, tips, y=y, color=ADVERSARIAL),
        g.points(table, x, y, tips, size=110, color=ADVERSARIAL),
        height=ROW * len(table) + 40,
    )
    return chart, table
