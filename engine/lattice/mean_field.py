"""Percolation where loops can be neglected: what holds for lattices of high dimension.

Source: Vrabel et al. 2024, app. C.3.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from engine.errors import ParameterError

NEWTON_STEPS = 200
SERIES = (1.0, 3 / 2, 15 / 4, 83 / 4)
"""Coefficients of 1/s, 1/s^2 ... of the threshold, s = 2d - 1 (Gaunt, Sykes and Ruskin 1976)."""


def mean_field(p: ArrayLike, dimension: ArrayLike) -> np.ndarray:
    """P in [0, 1], the largest solution of 1 - P = (1 - p P)^(2d), float64, for p and d broadcast.

    P is the probability that an occupied site belongs to the infinite cluster: it does not if none of
    its 2d neighbours is both occupied and part of it. P > 0 exactly where 2dp > 1.
    """
    p, neighbours = np.broadcast_arrays(_probability(p), 2 * np.asarray(dimension, dtype=float))
    if (neighbours < 2).any():
        raise ParameterError("A lattice has at least one dimension.")
    return _largest_root(
        lambda P: -np.expm1(neighbours * np.log1p(-p * P)),
        lambda P: neighbours * p * np.power(1 - p * P, neighbours - 1),
        neighbours * p,
    )


def mean_field_threshold(dimension: int) -> float:
    """1 / (2d), above which the mean-field P is positive."""
    return 1 / (2 * dimension)


def series_threshold(dimension: int) -> float:
    """The lattice's threshold for high d, to the fourth order in 1 / (2d - 1)."""
    s = 2 * dimension - 1
    return sum(coefficient / s**order for order, coefficient in enumerate(SERIES, start=1))


def _largest_root(function, slope, at_zero) -> np.ndarray:  # type: ignore[no-untyped-def]
    """The largest root in [0, 1] of the concave `function(P) = P`, `at_zero` its slope at P = 0.

    From P = 1, above the root, Newton's steps on a concave function fall towards it and never pass it.
    """
    P = np.ones(np.shape(at_zero))
    with np.errstate(divide="ignore"):  # at p = 1 and P = 1 the logarithm of 0 is meant
        for _ in range(NEWTON_STEPS):
            drop = (P - function(P)) / np.maximum(1 - slope(P), np.finfo(float).tiny)
            P = np.clip(P - np.maximum(drop, 0), 0, 1)
            if (drop <= np.finfo(float).eps * P).all():
                break
    return np.where(np.asarray(at_zero) > 1, P, 0.0)


def _probability(p: ArrayLike) -> np.ndarray:
    values = np.asarray(p, dtype=float)
    if not ((values >= 0) & (values <= 1)).all():
        raise ParameterError("A probability lies in 0 to 1.")
    return values
