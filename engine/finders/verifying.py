"""Verifying that paths are low: on a fine grid, of which what could be high is measured.

Every segment is measured at `FIRST` equal steps. Then all points of the grid follow in the gaps where the
loss could be above all that is known of the path, or above the limit, and around the top of each segment.
How far it could rise: the loss of a network is a sum of exponentials of what changes slowly, so its logarithm
tells; from the mean of a gap's ends, by `CAUTION` times the steepest change per step there and in the
neighbouring gaps.

That is no bound: a peak narrower than a gap, of which nothing shows around it, can be missed, as one between
two points of the grid can. On the 301 paths that were measured both ways none was, and the height of each
was that of the whole grid (`engine/README.md`).
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from engine.lazy import torch
from engine.paths import losses_at
from engine.progress import SILENT, Reporter

if TYPE_CHECKING:
    from engine.classifiers.classifier import Classifier
    from engine.finders.chains import Chain

FIRST = 20
"""Steps of a segment that are measured in any case."""

CAUTION = 2.0
"""How many times as fast as around there a loss may change between two points."""

LEAST = 1e-7
"""Losses in nats below which one is as good as another: about what float32 can tell from none."""

NEAR_LIMIT = 0.95
"""A verified height above this part of the limit is verified again on finer grids."""

FINEST = 800
"""Points a segment at which verifying again ends."""


def verify(classifier: Classifier, chains: list[Chain], report: Reporter = SILENT) -> None:
    """Check every chain that looks low on its finer grid; one that comes close gets a finer one yet."""
    waiting = [chain for chain in chains if chain.promising and not chain.connected]
    while waiting:
        by_points: dict[int, list[Chain]] = defaultdict(list)
        for chain in waiting:
            by_points[chain.verify_points].append(chain)
        for points, group in by_points.items():
            _measure(classifier, [_Grid(chain, points) for chain in group], report)
            for chain in group:
                chain.verified_points, chain.verify_points = points, 2 * points
        waiting = [chain for chain in waiting if _too_close(chain)]
    for chain in chains:
        chain.connected = chain.verified_points > 0 and chain.height <= chain.limit


def _too_close(chain: Chain) -> bool:
    """Whether a peak between two points of the grid might still pass the limit."""
    ends_decide = chain.goal == chain.limit
    near = NEAR_LIMIT * chain.limit < chain.height <= chain.limit
    return near and not ends_decide and chain.verified_points < FINEST


class _Grid:
    """A chain's losses (S * N + 1,) at N equal steps of each of S segments, as far as they are `known`."""

    def __init__(self, chain: Chain, points: int) -> None:
        self.chain, self.points = chain, points
        self.loss = np.zeros(chain.segments * points + 1)
        self.known = np.zeros(len(self.loss), dtype=bool)
        steps = np.linspace(0, points, min(FIRST, points) + 1).round().astype(np.int64)
        self.wanted = np.unique(points * np.arange(chain.segments)[:, None] + steps)

    @property
    def segment(self) -> np.ndarray:
        """The segments that the places which are wanted lie on; the last place ends the last one."""
        return np.minimum(self.wanted // self.points, self.chain.segments - 1)

    @property
    def fraction(self) -> np.ndarray:
        """How far along these they lie."""
        return (self.wanted - self.segment * self.points) / self.points

    def take(self, losses: np.ndarray) -> None:
        """Write down the losses at the wanted places, and tell the chain where its tops are."""
        self.loss[self.wanted], self.known[self.wanted] = losses, True
        inner = np.where(self.known, self.loss, -np.inf)[1:].reshape(-1, self.points)
        where = inner[:, :-1].argmax(1)
        chain = self.chain
        chain.tops = torch.from_numpy(inner[:, :-1].max(1)).float()
        chain.places = torch.from_numpy(where + 1).double() / self.points
        chain.knots = torch.from_numpy(inner[:-1, -1]).float()
        chain.promising = chain.height <= chain.limit
        chain.forward_passes += len(losses)
        chain.checked_points = int(self.known.sum())

    def narrow(self) -> None:
        """Want every place in gaps where the loss could be higher than known, and beside the tops."""
        known = np.flatnonzero(self.known)
        gaps = np.diff(known)
        level = np.log(np.maximum(self.loss[known], LEAST))
        steep = np.abs(np.diff(level)) / gaps
        around = np.maximum(steep, np.maximum(np.append(steep[1:], 0), np.append(0, steep[:-1])))
        most = (level[:-1] + level[1:] + CAUTION * around * gaps) / 2
        known_to_be = min(float(level.max()), np.log(self.chain.limit))
        doubtful = ~(most <= known_to_be)  # what is no number is doubtful too
        tops = np.arange(self.chain.segments) + self.chain.places.numpy()
        right = np.searchsorted(known, (tops * self.points).round().astype(np.int64))
        doubtful[right] = doubtful[right - 1] = True
        self.wanted = np.flatnonzero(np.append(False, np.repeat(doubtful, gaps)) & ~self.known)


def _measure(classifier: Classifier, grids: list[_Grid], report: Reporter) -> None:
    """Measure chains on their grids, all of them at once: first coarsely, then where need be."""
    _look(classifier, grids, report)
    for grid in grids:
        grid.narrow()
    _look(classifier, grids, report)


def _look(classifier: Classifier, grids: list[_Grid], report: Reporter) -> None:
    """Measure what the grids want, if anything."""
    grids = [grid for grid in grids if len(grid.wanted)]
    if not grids:
        return
    chains = [grid.chain for grid in grids]
    segments = [chain.segments for chain in chains]
    targets = np.repeat([chain.target for chain in chains], segments)
    firsts = np.cumsum(segments) - segments
    loss, _ = losses_at(
        classifier,
        torch.cat([chain.nodes[:-1] for chain in chains]),
        torch.cat([chain.nodes[1:] for chain in chains]),
        torch.from_numpy(
            np.concatenate([n + grid.segment for n, grid in zip(firsts, grids, strict=True)])
        ),
        torch.from_numpy(np.concatenate([grid.fraction for grid in grids])),
        torch.from_numpy(targets),
        report,
    )
    parts = loss.double().split([len(grid.wanted) for grid in grids])
    for grid, own in zip(grids, parts, strict=True):
        grid.take(own.numpy())
