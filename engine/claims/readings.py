"""Quantities with their 95 % intervals, as claims read them off records. Numpy and SciPy, no torch."""

from __future__ import annotations

from math import sqrt

import numpy as np

from engine.claims.claim import Reading
from engine.statistics import summarise, wilson

NORMAL = 1.96
"""Half the width of a 95 % interval, in standard errors."""


def share_of(successes: int, trials: int, noun: str) -> Reading:
    """A share with Wilson's interval."""
    low, high = wilson(successes, trials)
    return Reading(successes / trials if trials else 0.0, low, high, trials, noun)


def area_of(value: float, count: int, low: float = 0.0, high: float = 0.0) -> tuple[float, float]:
    """The interval of an area under the ROC curve: `low` to `high`, if they are apart.

    Else that of Hanley and McNeil (1982) for `count` attacked images and their twins; of a perfect area,
    whose resamples are all perfect, Wilson's of `count` of `count`.
    """
    if low < high:
        return low, high
    if value >= 1:
        return wilson(count, count)
    one, two = value / (2 - value), 2 * value**2 / (1 + value)
    spread = (one - value**2) + (two - value**2)
    error = sqrt((value * (1 - value) + (count - 1) * spread) / count**2)
    return value - NORMAL * error, min(1.0, value + NORMAL * error)


def median_of(values: np.ndarray, noun: str) -> Reading | None:
    """The median of what is finite, with its bootstrap interval; None of nothing."""
    known = values[np.isfinite(values)]
    if not len(known):
        return None
    found = summarise(known, np.random.default_rng(0))
    return Reading(found.median, found.median_low, found.median_high, len(known), noun)


def change_of(values: np.ndarray, parts: int, noun: str) -> Reading | None:
    """The mean of the last of `parts` equal parts less that of the first, by Welch.

    None where one of the two has fewer than two finite values.
    """
    pieces = np.array_split(values, parts)
    first, last = (piece[np.isfinite(piece)] for piece in (pieces[0], pieces[-1]))
    if min(len(first), len(last)) < 2:
        return None
    error = sqrt(first.var(ddof=1) / len(first) + last.var(ddof=1) / len(last))
    change = float(last.mean() - first.mean())
    ends = (change - NORMAL * error, change + NORMAL * error)
    return Reading(change, *ends, len(first) + len(last), noun)
