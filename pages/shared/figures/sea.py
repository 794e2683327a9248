"""What maps of losses share: land where a path may go, sea the darker the higher."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from engine.plots.palette import LAND, SEA
from engine.words import figure

DEPTHS = (0.1, 0.3, 1.0, 2.0, 4.0)
"""Borders between the shades of sea, in nats; those below the threshold are left out."""


def bands(threshold: float) -> tuple[list[float], list[str], list[str]]:
    """Borders between the shades, their colours and their names, from the threshold upwards."""
    borders = [threshold, *(depth for depth in DEPTHS if depth > threshold * 1.5)]
    sea = [SEA[round(k)] for k in np.linspace(0, len(SEA) - 1, len(borders))]
    names = [f"up to {figure(threshold)} (land)"]
    names += [f"{figure(a)} to {figure(b)}" for a, b in pairwise(borders)]
    return borders, [LAND, *sea], [*names, f"above {figure(borders[-1])}"]
