"""Loss curves of a population: the mean and the quartile band of each branch, and one pair over its band."""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt
import numpy as np
import pandas as pd

from engine.plots import grammar as g
from engine.plots.branches import COLORS, color_of
from engine.plots.curves import LOSS
from engine.plots.palette import MARK
from pages.shared.words import figure, nats

MOST_POINTS = 126
"""Of finer curves this many points are drawn, both ends among them."""

DASHES = dict(zip(COLORS, ([6, 3], [1, 0]), strict=True))
MEAN, MEDIAN = "mean (nats)", "median (nats)"
QUARTILES = ("lower quartile (nats)", "upper quartile (nats)")
X = g.across("t", "t along the straight path (0 = first image, 1 = second)", domain=[0, 1])


def mean_curves(t: np.ndarray, curves: Mapping[str, np.ndarray]) -> g.Figure:
    """The mean loss along the straight paths of each branch over its band of quartiles, and the table.

    `curves` (N, points) of each branch, in nats, by its name.
    """
    table = pd.concat(
        (band_table(t, own).assign(branch=name) for name, own in curves.items()), ignore_index=True
    )
    y, color = g.up(MEAN, LOSS), g.colors("branch", COLORS, **g.STROKE)
    tips = ["branch", "t", MEAN, MEDIAN, *QUARTILES]
    look: g.Look = {"color": color, "strokeDash": g.dashes("branch", DASHES), "strokeWidth": 2.5}
    area = g.band(table, X, y, *QUARTILES, color=color)
    return g.draw(area, g.line(table, X, y, tips, **look), params=[g.zoom()]), table


def pair_curve(t: np.ndarray, curve: np.ndarray, branch: str, others: np.ndarray) -> g.Figure:
    """One pair's curve with its barrier, over the quartile band of `others` (N, points), and the table."""
    quartiles = band_table(t, others)
    own = pd.DataFrame({"t": t, "loss": curve})
    high = 1.12 * max(float(curve.max()), float(quartiles[QUARTILES[1]].max()))
    y, color = g.up("loss", LOSS, domain=[0, high or 1.0]), color_of(branch)
    drawn = own.iloc[g.evenly(len(t), MOST_POINTS)]
    chart = g.draw(
        g.band(quartiles, X, y, *QUARTILES, color=MARK, opacity=0.28),
        g.line(drawn, X, y, list(own), color=color, strokeWidth=2.5),
        _barrier(own, y, color),
        params=[g.zoom()],
    )
    return chart, own.merge(quartiles[["t", *QUARTILES]], how="left", on="t")


def band_table(t: np.ndarray, curves: np.ndarray) -> pd.DataFrame:
    """One row a place t: mean, median and quartiles of the curves (N, points) there, in nats."""
    rows = g.evenly(len(t), MOST_POINTS)
    drawn = curves[:, rows].astype(np.float64)
    low, median, high = np.quantile(drawn, [0.25, 0.5, 0.75], axis=0)
    columns = {"t": t[rows], MEAN: drawn.mean(0), QUARTILES[0]: low, MEDIAN: median}
    return pd.DataFrame({**columns, QUARTILES[1]: high})


def _barrier(curve: pd.DataFrame, y: alt.Y, color: str) -> g.Layers:
    """The top of the curve, and a rule from the higher end up to it: the gap."""
    loss = curve["loss"]
    height, end = float(loss.max()), float(max(loss.iloc[0], loss.iloc[-1]))
    words = f"height {figure(height)}, gap {nats(height - end)}"
    top = curve.iloc[[int(np.argmax(loss))]].assign(end=end, words=words)
    look: g.Look = {"fontSize": 12, "dy": -9, "color": color, **g.beside(top["t"].iloc[0], 0.5)}
    return [
        g.mark("rule", top, x=X, y=y, y2="end", color=MARK, size=1.5, strokeDash=[4, 3]),
        g.points(top, X, y, size=80, color=color),
        g.mark("text", top, x=X, y=y, text="words", **look),
    ]
