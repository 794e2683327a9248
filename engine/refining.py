"""Curves from coarse to fine: measured where they bend, interpolated where they can be foretold.

Loss curves of N points are smooth over most of their length. Every interval between two measured points
is halved, and goes on being halved while the curve was not where it was foretold to be. No torch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from engine.progress import SILENT, Reporter, part

FIRST = 16
"""Intervals a segment that a curve begins with; each is halved at least once."""

LEFT = 0.6
"""About the share of the work that each turn of halving leaves."""

USUAL = 80
"""Points of a curve that are measured, about: 40 to 220 on the pairs and tolerances that were tried."""

Measure = Callable[[np.ndarray, np.ndarray, Reporter], tuple[np.ndarray, np.ndarray]]
"""Losses and predictions (Q,) of curves (Q,) at places (Q,) of their grids."""


@dataclass(frozen=True)
class Refined:
    """K curves on a grid of N points: `loss`, `prediction`, and whether that was `measured`, all (K, N)."""

    loss: np.ndarray
    prediction: np.ndarray
    measured: np.ndarray


def passes(points: int, tolerance: float) -> int:
    """About how many of a curve's points are measured."""
    return min(points, USUAL) if tolerance else points


def refine(
    measure: Measure,
    curves: int,
    points: int,
    tolerance: float,
    knots: Sequence[int] = (),
    report: Reporter = SILENT,
) -> Refined:
    """Measure K curves on a grid of N points where need be; at every point where `tolerance` is 0.

    An interval is halved while the loss in its middle was more than `tolerance` (nats) off the one that
    was foretold (monotone cubic interpolation), while its ends are seen as different classes, and beside
    the highest point that is known; so that point is the highest of its surroundings. Curves have corners
    at `knots`, grid points between two segments.

    What is interpolated is not bounded by `tolerance`: of curves that were measured both ways 99 % of the
    points were within twice of it, and single ones 50 times as far off (`tests/test_refining.py`). A peak
    narrower than the intervals to begin with can be missed. No curve depends on the others.
    """
    every = np.arange(points)
    if not tolerance:
        rows = np.repeat(np.arange(curves), points)
        loss, seen = measure(rows, np.tile(every, curves), report)
        whole = np.ones((curves, points), dtype=bool)
        return Refined(loss.reshape(curves, points), seen.reshape(curves, points), whole)
    corners = [0, *knots, points - 1]
    first = np.unique(np.concatenate([_between(*ends) for ends in pairwise(corners)]))
    work = [_Curve(points, tolerance) for _ in range(curves)]
    wanted, left = [first] * curves, 1.0
    while any(map(len, wanted)):
        rows = np.repeat(np.arange(curves), [len(places) for places in wanted])
        stage = part(report, 1 - left, 1 - LEFT * left)
        loss, seen = measure(rows, np.concatenate(wanted), stage)
        left *= LEFT
        for row, curve in enumerate(work):
            curve.take(wanted[row], loss[rows == row], seen[rows == row])
        wanted = [curve.middles() for curve in work]
    report(1, 1)
    return Refined(*map(np.stack, zip(*(curve.whole() for curve in work), strict=True)))


def _between(first: int, last: int) -> np.ndarray:
    return np.linspace(first, last, FIRST + 1).round().astype(np.int64)


class _Curve:
    """One curve as far as it is known."""

    def __init__(self, points: int, tolerance: float) -> None:
        self.tolerance = tolerance
        self.loss = np.zeros(points, dtype=np.float32)
        self.seen = np.zeros(points, dtype=np.int64)
        self.known = np.empty(0, dtype=np.int64)
        self.off = np.empty(0)
        """By interval between known points: how far off the middle was of the one that it is a half of."""

    def take(self, places: np.ndarray, loss: np.ndarray, seen: np.ndarray) -> None:
        """Write down what was measured, at first at all places to begin with, then in middles."""
        if len(self.known):
            off = np.abs(self._foretold(places) - loss)
            halved = np.searchsorted(self.known, places) - 1
            self.off[halved] = off
            self.off = np.insert(self.off, halved + 1, off)
            self.known = np.insert(self.known, halved + 1, places)
        else:
            self.known, self.off = places, np.full(len(places) - 1, np.inf)
        self.loss[places], self.seen[places] = loss, seen

    def middles(self) -> np.ndarray:
        """The middles of the intervals that are to be halved."""
        left, right = self.known[:-1], self.known[1:]
        top = self.known[np.argmax(self.loss[self.known])]
        doubtful = (self.off > self.tolerance) | (self.seen[left] != self.seen[right])
        doubtful |= (left == top) | (right == top)
        return ((left + right) // 2)[doubtful & (right - left > 1)]

    def whole(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Loss, prediction and whether it was measured at every point (N,)."""
        every = np.arange(len(self.loss))
        measured = np.zeros(len(every), dtype=bool)
        measured[self.known] = True
        loss = np.where(measured, self.loss, self._foretold(every)).astype(np.float32)
        after = np.searchsorted(self.known, every)
        before = self.known[np.maximum(after - 1, 0)]
        nearest = np.where(every - before < self.known[after] - every, before, self.known[after])
        return loss, self.seen[nearest], measured

    def _foretold(self, places: np.ndarray) -> np.ndarray:
        from scipy.interpolate import PchipInterpolator

        return PchipInterpolator(self.known, self.loss[self.known].astype(np.float64))(places)
