"""The two branches of a population in figures: their names, colours and samples, and their box plots."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from engine.plots import grammar as g
from engine.plots.palette import ADVERSARIAL, COAST, REAL

NAMES = {"real": "Real–real", "adversarial": "Real–adversarial"}
"""Branch -> what it is called in print."""

COLORS = {"Real–real": REAL, "Real–adversarial": ADVERSARIAL}
MARKS = {"Real–real": (REAL, "circle"), "Real–adversarial": (ADVERSARIAL, "triangle-up")}

MEASURES = {"gap": "Gap", "height": "Height"}
"""What is measured of a barrier -> what it is called in print. Both are in nats."""

Samples = Mapping[str, np.ndarray]
"""The name of a branch or of an attack -> a number for each of its pairs."""


def samples_of(pairs: pd.DataFrame, measure: str) -> dict[str, np.ndarray]:
    """The height or gap of every pair in nats, by the name of its branch."""
    return {
        name: pairs.loc[pairs["branch"] == branch, measure].to_numpy(dtype=np.float64)
        for branch, name in NAMES.items()
    }


def color_of(name: str) -> str:
    """The colour of a branch; attacks have that of real-adversarial pairs."""
    return COLORS.get(name, ADVERSARIAL)


def measure_title(measure: str) -> str:
    """The title of an axis: "Gap (nats)"."""
    return f"{MEASURES[measure]} (nats)"


ROW = 46
"""Pixels of height for each box."""

REACH = 1.5
"""A whisker ends at the last value within this many interquartile ranges of the box."""

MOST_OUTLIERS = 300
"""Of more outliers of one sample, this many are drawn, evenly chosen by rank."""

LOW, HIGH = "whisker low (nats)", "whisker high (nats)"
LOWER, UPPER = "lower quartile (nats)", "upper quartile (nats)"


def box_plots(samples: Samples, measure: str) -> g.Figure:
    """One box a sample, from top to bottom in the given order, and the table of their numbers."""
    table, beyond = box_table(samples), outliers(samples)
    x, tips = g.across("value (nats)", measure_title(measure), zero=True), list(table)
    shades = {name: color_of(name) for name in samples}
    look: g.Look = {
        "y": g.listed("pairs of", list(samples)),
        "color": g.colors("pairs of", shades, named=False),
    }
    middle: g.Look = {**look, "color": COAST, "size": ROW * 0.5, "thickness": 3, "opacity": 1}
    box: g.Look = {"x": g.of(x, LOWER), "x2": UPPER, "size": ROW * 0.5, "opacity": 1}
    chart = g.draw(
        g.interval(table, x, LOW, HIGH, tips, size=1.5, **look),
        g.mark("bar", table, tips, **box, **look),
        g.mark("tick", table, tips, x=g.of(x, "median (nats)"), **middle),
        g.mark("point", beyond, list(beyond), x=x, size=22, opacity=0.5, **look),
        height=ROW * len(samples) + 40,
    )
    return chart, table


def box_table(samples: Samples) -> pd.DataFrame:
    """One row a sample that is not empty: count, mean, quartiles, whiskers and the outliers beyond."""
    return pd.DataFrame([_box(name, own) for name, own in samples.items() if len(own)])


def outliers(samples: Samples) -> pd.DataFrame:
    """One row an outlier that is drawn: its sample and its value."""
    parts = []
    for name, values in samples.items():
        beyond = np.sort(values[~_near(values)])
        chosen = beyond[g.evenly(len(beyond), MOST_OUTLIERS)]
        parts.append(pd.DataFrame({"pairs of": name, "value (nats)": chosen}))
    return pd.concat(parts, ignore_index=True)


def _box(name: str, values: np.ndarray) -> dict[str, object]:
    lower, median, upper = np.quantile(values, [0.25, 0.5, 0.75])
    near = values[_near(values)]
    return {
        "pairs of": name,
        "pairs": len(values),
        "mean (nats)": float(values.mean()),
        LOW: float(near.min()),
        LOWER: float(lower),
        "median (nats)": float(median),
        UPPER: float(upper),
        HIGH: float(near.max()),
        "outliers": len(values) - len(near),
    }


def _near(values: np.ndarray) -> np.ndarray:
    """Which values are no outliers."""
    if not len(values):
        return np.zeros(0, dtype=bool)
    lower, upper = np.quantile(values, [0.25, 0.75])
    reach = REACH * (upper - lower)
    return np.asarray((values >= lower - reach) & (values <= upper + reach))
