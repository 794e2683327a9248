"""What parameters alone can make large in memory: bytes, for `Spec.memory` of every kind.

Sums of what is held at once, so that a job that cannot end well is refused before it begins. What a
network's passes take is no part of them: batches are of one size, whatever the parameters are.
"""

from __future__ import annotations

import math

from engine.classifiers import cards

FLOAT = 4
STATES = 12
"""What the optimiser holds of each number: itself, gradient, moments, the best, where it may go, copies."""

SITE = 32
"""Of a lattice's site: its level, whether it is occupied, its labels while clusters are joined."""

TESTED = 190
"""Of a site that an invading cluster has tested: its level, its place, their entries in set and heap."""

BLEND = 80
"""Of a random blend of modes: its weights in double precision, its loss, what it is seen as, twice."""


def values_of(classifier: str) -> int:
    """Numbers of one input of a network."""
    return math.prod(cards.card(classifier).input_shape)


def inputs(count: int, values: int) -> int:
    """So many inputs that are optimised at once."""
    return FLOAT * STATES * count * values


def paths(pairs: int, rounds: int, values: int) -> int:
    """The paths of so many pairs: their nodes after every round, and those that the last one bends."""
    if not rounds:
        return 2 * FLOAT * pairs * values
    kept = 2 ** (rounds + 1) + rounds
    return FLOAT * pairs * values * (kept + STATES * 2 ** (rounds - 1))


def curves(count: int, points: int) -> int:
    """So many curves, each held and once more on its way into a record."""
    return 2 * FLOAT * count * points


def invaded(steps: int, dimension: int) -> int:
    """A cluster of so many sites that invades a lattice of this dimension, which tests its neighbours."""
    return TESTED * steps * (2 * dimension - 2)
