"""How well the gap tells attacked pairs from real ones, attack by attack."""

from __future__ import annotations

import altair as alt
import pandas as pd

from engine.plots.curves import Drawing
from engine.plots.palette import ADVERSARIAL, MARK

ROW = 46
CHANCE = 0.5


def separations(attacks: pd.DataFrame) -> tuple[Drawing, pd.DataFrame]:
    """A point with its interval for each attack, chance as a dashed line, and the table.

    `attacks` has columns title, auc, auc_low and auc_high.
    """
    table = attacks[["title", "auc", "auc_low", "auc_high"]].reset_index(drop=True)
    names = list(table["title"])
    y = alt.Y("title:N", sort=names, title=None, axis=alt.Axis(labelLimit=130))
    tips = [
        alt.Tooltip("title:N", title="Attack"),
        alt.Tooltip("auc:Q", title="AUC", format=".3f"),
        alt.Tooltip("auc_low:Q", title="95 % interval from", format=".3f"),
        alt.Tooltip("auc_high:Q", title="to", format=".3f"),
    ]
    base = alt.Chart(table).encode(y=y, tooltip=tips)
    chart = alt.layer(
        _chance(names, y),
        base.mark_rule(color=ADVERSARIAL, size=2.5).encode(x=_x("auc_low"), x2="auc_high:Q"),
        base.mark_point(filled=True, size=110, color=ADVERSARIAL, opacity=1).encode(x=_x("auc")),
    )
    return chart.properties(height=ROW * len(names) + 40), table.rename(
        columns={
            "title": "attack",
            "auc_low": "AUC, 95 % interval from",
            "auc_high": "AUC, 95 % interval to",
        }
    )


def _x(field: str) -> alt.X:
    scale = alt.Scale(domain=[0, 1], nice=False)
    return alt.X(
        f"{field}:Q",
        title="AUC of the gap (0.5 = chance, 1 = apart)",
        scale=scale,
        axis=alt.Axis(tickCount=5),
    )


def _chance(names: list[str], y: alt.Y) -> Drawing:
    data = pd.DataFrame({"auc": [CHANCE], "title": names[:1], "words": "chance"})
    rule = (
        alt.Chart(data[["auc"]])
        .mark_rule(color=MARK, strokeDash=[5, 4], size=1.5)
        .encode(x=_x("auc"))
    )
    text = (
        alt.Chart(data)
        .mark_text(align="right", dx=-5, dy=-14, color=MARK, fontSize=12)
        .encode(x=_x("auc"), y=y, text="words:N")
    )
    return alt.layer(rule, text)
