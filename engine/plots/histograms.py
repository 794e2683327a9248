"""Histograms: samples over the same bins, as shares of each; those of the scores of a detector."""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt
import numpy as np
import pandas as pd

from engine.plots import grammar as g
from engine.plots.palette import ADVERSARIAL, REAL

SHARE = "share (%)"


def bin_samples(
    samples: Mapping[str, np.ndarray], edges: np.ndarray, names: tuple[str, str, str, str]
) -> pd.DataFrame:
    """One row a bin and sample: its edges, how many are in it, their share of the sample in percent.

    `names` are those of the columns: whose, from, to, how many; the last is "share (%)".
    """
    parts = []
    for name, values in samples.items():
        counts, _ = np.histogram(values, edges)
        share = 100 * counts / max(1, len(values))
        columns = zip(names, (name, edges[:-1], edges[1:], counts), strict=True)
        parts.append(pd.DataFrame({**dict(columns), SHARE: share}))
    return pd.concat(parts, ignore_index=True)


def histogram(table: pd.DataFrame, x: alt.X, y: alt.Y, shades: Mapping[str, str]) -> g.Layers:
    """Bars of a `bin_samples` table, and over each bin a column that tells how many of every sample it holds.

    `shades` has a colour for every sample.
    """
    whose, low, high, count, _ = table.columns
    color = g.colors(whose, shades)
    bars = g.mark("rect", table, x=x, x2=high, y=y, y2=alt.datum(0), color=color, opacity=0.55)
    wide = table.pivot(index=[low, high], columns=whose, values=count).reset_index()
    tips = {low: low, high: high, **{name: f"{name}, {count}" for name in shades}}
    return [bars, g.mark("rect", wide, tips, x=x, x2=high, opacity=0)]


CLEAN, ATTACKED = "Clean", "Attacked"
COLORS = {CLEAN: REAL, ATTACKED: ADVERSARIAL}
BINS = 25
CUT = 0.5
"""The score above which the benchmark's accuracy counts an image as attacked."""


def score_histograms(scores: pd.DataFrame) -> g.Figure:
    """Both samples over the same bins, as shares of each, and the table of the bins.

    `scores` has columns attacked (bool) and score.
    """
    table = score_table(scores)
    span = [float(table["from"].min()), float(table["to"].max())]
    x = g.across("from", "Score (higher = more suspicious)", domain=span)
    bars, catcher = histogram(table, x, g.up(SHARE, "Share of the images (%)"), COLORS)
    cut = g.rule(x, CUT) if span[0] < CUT < span[1] else []
    return g.draw(bars, cut, catcher), table


def score_table(scores: pd.DataFrame) -> pd.DataFrame:
    """One row a bin and sample: its edges, the images in it, their share of the sample in percent."""
    values = scores["score"].to_numpy(dtype=np.float64)
    low, high = float(values.min()), float(values.max())
    if low >= 0 and high <= 1:
        low, high = 0.0, 1.0  # a probability
    attacked = scores["attacked"].to_numpy(dtype=bool)
    samples = {CLEAN: values[~attacked], ATTACKED: values[attacked]}
    edges = np.linspace(low, high if high > low else low + 1, BINS + 1)
    return bin_samples(samples, edges, ("images", "from", "to", "count"))
