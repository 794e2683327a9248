"""Where percolation begins, by Monte Carlo: by spanning clusters in few dimensions, else by invasion."""

from __future__ import annotations

import random
from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np

from engine.lattice.sites import draw_levels, spans
from engine.progress import SILENT, Reporter
from engine.random import derive

LITERATURE = {
    2: 0.592746,
    3: 0.311608,
    4: 0.196886,
    5: 0.140796,
    6: 0.109017,
    7: 0.088951,
}
"""Site percolation thresholds of hypercubic lattices (Jacobsen 2015; Xu et al. 2014; Mertens and
Moore 2018), to six decimals."""

SIDES = {2: (16, 128), 3: (8, 32)}
"""Sites a side of the small and the large lattices that are compared. In more dimensions lattices that
fit into memory are too narrow for their spanning probabilities to cross near the threshold."""

SMALL_FACTOR = 4
"""Small lattices are cheap, so there are this many times as many of them."""

STRIDE = 2**20
"""Places along an axis of the lattice that is invaded; no cluster ever goes round it."""


@dataclass(frozen=True)
class Threshold:
    """An estimate of p_c with its standard error, and how it was made."""

    value: float
    error: float
    method: str


def threshold(
    dimension: int, samples: int, steps: int, seed: int, report: Reporter = SILENT
) -> Threshold:
    """p_c of the d-dimensional lattice: from `samples` large lattices, or clusters of `steps` sites.

    In two and three dimensions see `spanning_threshold`, in more `invasion_threshold`.
    """
    if dimension in SIDES:
        return spanning_threshold(dimension, SIDES[dimension], samples, seed, report)
    return invasion_threshold(dimension, max(2, samples // 10), steps, seed, report)


def spanning_threshold(
    dimension: int, sides: tuple[int, int], samples: int, seed: int, report: Reporter = SILENT
) -> Threshold:
    """Where the spanning probabilities of lattices of two sizes cross.

    The level at which a lattice begins to span is a random number whose distribution function is the
    spanning probability R_L(p). Near p_c these are one curve, shifted and stretched, so they cross where
    (p - m) / s agrees, m and s being the mean and the standard deviation for each size.
    """
    counts = (SMALL_FACTOR * samples, samples)
    levels: list[np.ndarray] = []
    for side, count in zip(sides, counts, strict=True):
        found = []
        for k in range(count):
            report(len(levels) * counts[0] + k, sum(counts))
            found.append(spanning_level(draw_levels(dimension, side, seed, f"span {side} {k}")))
        levels.append(np.array(found))
    (m, s), (M, S) = ((own.mean(), own.std(ddof=1)) for own in levels)
    value = (M * s - m * S) / (s - S)
    error = s * S * np.hypot(counts[0] ** -0.5, counts[1] ** -0.5) / (s - S)
    return Threshold(float(value), float(error), "spanning")


def spanning_level(levels: np.ndarray) -> float:
    """The lowest p at which the sites with a level up to p span, by bisection over their order."""
    order = np.sort(levels, axis=None)
    low, high = 0, len(order) - 1
    while low < high:
        middle = (low + high) // 2
        if spans(levels <= order[middle]):
            high = middle
        else:
            low = middle + 1
    return float(order[low])


def invasion_threshold(
    dimension: int, clusters: int, steps: int, seed: int, report: Reporter = SILENT
) -> Threshold:
    """The share of the tested sites that invaded clusters of `steps` sites took, mean over `clusters`.

    A cluster invades the lowest of all sites at its border, again and again. In the end it takes those
    below p_c and no others (Wilkinson and Willemsen 1983); the lattice is never stored, so it has no
    edges. The share approaches p_c from below, slowly in two dimensions and fast in many.
    """
    shares = []
    for k in range(clusters):
        report(k, clusters)
        shares.append(steps / _tested(dimension, steps, derive(seed, f"invasion {dimension} {k}")))
    error = np.std(shares, ddof=1) / clusters**0.5
    return Threshold(float(np.mean(shares)), float(error), "invasion")


def _tested(dimension: int, steps: int, seed: int) -> int:
    """How many sites have been given a level when a cluster has invaded `steps` sites."""
    # It draws levels of sites, and no secrets.
    draw = random.Random(seed).random  # nosec B311
    moves = [sign * STRIDE**axis for axis in range(dimension) for sign in (1, -1)]
    seen, border = {0}, [(0.0, 0)]
    for _ in range(steps):
        _, site = heappop(border)
        for move in moves:
            place = site + move
            if place not in seen:
                seen.add(place)
                heappush(border, (draw(), place))
    return len(seen)
