"""The two branches of a population in figures: their names, colours, shapes and samples."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from engine.plots.palette import ADVERSARIAL, REAL

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
