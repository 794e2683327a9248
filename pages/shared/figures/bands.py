"""One image over what is usual: its loss curve and its logits over those of clean and attacked images."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from engine.plots.curves import LOSS, Drawing
from engine.plots.legend import legend
from engine.plots.palette import SERIES
from engine.plots.scores import ATTACKED, CLEAN
from engine.plots.scores import COLORS as SCORE_COLORS

HEIGHT = 270
OWN = "This image"
COLORS = {**SCORE_COLORS, OWN: SERIES[2]}
DASHES = {CLEAN: [5, 3], ATTACKED: [2, 2], OWN: [1, 0]}
MOST_LOGITS = 30
"""Of more classes only the largest logits are drawn."""


def curve_over_bands(curve: np.ndarray, bands: np.ndarray) -> tuple[Drawing, pd.DataFrame]:
    """An image's loss curve (points,) over those of clean and attacked images, and the table.

    `bands` (2, 3, points) holds deciles 1, 5 and 9 of clean and of attacked ones, in nats.
    """
    t = np.linspace(0, 1, len(curve))
    title = "t (0 = this image, 1 = the reference)"
    x = alt.X("at:Q", title=title, scale=alt.Scale(domain=[0, 1], nice=False))
    return _drawn(_table(t, curve, bands), x, LOSS, "t", "loss (nats)")


def logits_over_bands(logits: np.ndarray, bands: np.ndarray) -> tuple[Drawing, pd.DataFrame]:
    """An image's logits (K,) from the largest to the smallest over the bands (2, 3, K), and the table."""
    count = min(len(logits), MOST_LOGITS)
    rank = np.arange(1, count + 1)
    falling = np.sort(logits)[::-1][:count]
    x = alt.X(
        "at:Q",
        title="Rank of the class (1 = the predicted one)",
        scale=alt.Scale(domain=[1, count], nice=False),
        axis=alt.Axis(tickMinStep=1, format="d"),
    )
    return _drawn(_table(rank, falling, bands[:, :, :count]), x, "Logit", "rank", "logit")


def _table(at: np.ndarray, own: np.ndarray, bands: np.ndarray) -> pd.DataFrame:
    parts = []
    for name, (low, middle, high) in zip((CLEAN, ATTACKED), bands, strict=True):
        columns = {"at": at, "value": middle, "low": low, "high": high}
        parts.append(pd.DataFrame(columns).assign(images=name))
    parts.append(pd.DataFrame({"at": at, "value": own, "images": OWN}))
    return pd.concat(parts, ignore_index=True)


def _drawn(
    table: pd.DataFrame, x: alt.X, title: str, at: str, unit: str
) -> tuple[Drawing, pd.DataFrame]:
    names = list(COLORS)
    color = alt.Color(
        "images:N",
        scale=alt.Scale(domain=names, range=list(COLORS.values())),
        legend=legend(symbolType="stroke", symbolStrokeWidth=3, symbolOpacity=1),
    )
    dash = alt.StrokeDash(
        "images:N",
        scale=alt.Scale(domain=names, range=list(DASHES.values())),
        legend=None,
    )
    tips = [
        alt.Tooltip("images:N", title="Whose"),
        alt.Tooltip("at:Q", title=at.capitalize(), format=".3~g"),
        alt.Tooltip("value:Q", title=unit.capitalize(), format=".3~g"),
        alt.Tooltip("low:Q", title="Decile 1", format=".3~g"),
        alt.Tooltip("high:Q", title="Decile 9", format=".3~g"),
    ]
    usual = alt.Chart(table[table["images"] != OWN])
    band = usual.mark_area(opacity=0.2).encode(
        x=x, y=alt.Y("low:Q", title=title), y2="high:Q", color=color
    )
    y = alt.Y("value:Q", title=title)
    width = alt.condition(f"datum.images === '{OWN}'", alt.value(3), alt.value(1.6))
    lines = (
        alt.Chart(table)
        .mark_line()
        .encode(x=x, y=y, color=color, strokeDash=dash, strokeWidth=width)
    )
    catcher = (
        alt.Chart(table).mark_point(size=60, opacity=0).encode(x=x, y=y, color=color, tooltip=tips)
    )
    shown = table.rename(columns={"at": at, "value": unit, "low": "decile 1", "high": "decile 9"})
    return alt.layer(band, lines, catcher).properties(height=HEIGHT), shown
