"""How a measure is distributed: histograms over shared bins, and empirical distribution functions."""

from __future__ import annotations

import numpy as np
import pandas as pd

from engine.plots import grammar as g
from engine.plots.branches import COLORS, Samples, color_of, measure_title
from engine.plots.histograms import bin_samples, histogram

HEIGHT = 270
BINS = 30
MOST_STEPS = 400
"""Of larger samples a distribution function is drawn at this many of its steps, evenly chosen."""

HOVER_POINTS = 161


def histograms(samples: Samples, measure: str) -> g.Figure:
    """Both branches over the same bins, as shares of the branch, and the table of the bins."""
    table = histogram_table(samples)
    x = g.across("from (nats)", measure_title(measure), domain=[0, _highest(samples) or 1.0])
    bars, catcher = histogram(table, x, g.up("share (%)", "Share of the pairs (%)"), COLORS)
    medians = [
        g.rule(x, float(np.median(values)), color=color_of(name), size=2)
        for name, values in samples.items()
        if len(values)
    ]
    return g.draw(bars, *medians, catcher, height=HEIGHT), table


def histogram_table(samples: Samples) -> pd.DataFrame:
    """One row a bin and branch: its edges, the pairs in it, and their share of the branch in percent."""
    edges = np.linspace(0, _highest(samples) or 1.0, BINS + 1)
    return bin_samples(samples, edges, ("branch", "from (nats)", "to (nats)", "pairs"))


def distribution_functions(samples: Samples, measure: str) -> g.Figure:
    """For every value the share of pairs at or below it, and the table of the steps."""
    value = f"{measure} (nats)"
    table = function_table(samples).rename(columns={"value": value})
    x = g.across(value, measure_title(measure), domain=[0, _highest(samples)])
    y = g.up("at or below (%)", "Pairs at or below (%)", domain=[0, 100])
    look: g.Look = {"color": g.colors("branch", COLORS, **g.STROKE), "interpolate": "step-after"}
    places = np.linspace(0, _highest(samples), HOVER_POINTS)
    told = pd.DataFrame(
        {value: places, **{name: _words(values, places) for name, values in samples.items()}}
    )
    steps = g.line(table, x, y, strokeWidth=2.5, **look)
    return g.draw(steps, g.hover(told, x, list(told)), height=HEIGHT), table


def function_table(samples: Samples) -> pd.DataFrame:
    """One row a step: the value and the share of its branch at or below it, in percent; from 0 to 100."""
    parts = []
    for name, values in samples.items():
        steps, share = distribution(values)
        chosen = g.evenly(len(steps), MOST_STEPS)
        value = np.r_[0, steps[chosen], _highest(samples)]
        below = np.r_[0, share[chosen], share[-1:]]
        parts.append(pd.DataFrame({"branch": name, "value": value, "at or below (%)": below}))
    return pd.concat(parts, ignore_index=True)


def distribution(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The empirical distribution function: its steps in order, and the percentage at or below each."""
    steps, counts = np.unique(values, return_counts=True)
    return steps, 100 * counts.cumsum() / max(1, len(values))


def _highest(samples: Samples) -> float:
    return max(float(values.max(initial=0)) for values in samples.values())


def _words(values: np.ndarray, places: np.ndarray) -> list[str]:
    """The share of a sample at or below each place."""
    below = np.searchsorted(np.sort(values), places, side="right")
    return [f"{share:.0f} % at or below" for share in 100 * below / max(1, len(values))]
