"""The scores that a detector gives clean images and their attacked twins."""

from __future__ import annotations

import numpy as np
import pandas as pd

from engine.plots import grammar as g
from engine.plots.histograms import SHARE, bin_samples, histogram
from engine.plots.palette import ADVERSARIAL, REAL

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
