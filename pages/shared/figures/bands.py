"""One image over what is usual: its loss curve and its logits over those of clean and attacked images."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from engine.plots import grammar as g
from engine.plots.curves import LOSS
from engine.plots.palette import SERIES
from engine.plots.scores import ATTACKED, CLEAN
from engine.plots.scores import COLORS as SCORE_COLORS

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
