"""What parameters alone can make large in memory: bytes, for `Spec.memory` of every kind.

Sums of what is held at once, so that a job that cannot end well is refused before it begins. What a
network's passes take is added when it is loaded (`network`), for only then is it known.
"""

from __future__ import annotations

import math
from dataclasses import replace

from engine.classifiers import cards
from engine.classifiers.passes import Need
from engine.finders import FINDERS
from engine.finders.settings import ConnectSettings

FLOAT = 4
STATES = 12
"""What the optimiser holds of each number: itself, gradient, moments, the best, where it may go, copies."""

SITE = 32
"""Of a lattice's site: its level, whether it is occupied, its labels while clusters are joined."""

TESTED = 190
"""Of a site that an invading cluster has tested: its level, its place, their entries in set and heap."""

COMPARED = 8000
"""Of a pair of each branch, while the parts are joined and the branches compared."""

ROW = 1000
"""Of them in the tables of an attack, while others are measured."""

BLEND = 80
"""Of a random blend of modes: its weights in double precision, its loss, what it is seen as, twice."""


LOADED = 250_000_000
"""What PyTorch takes for itself by the end of a first pass."""

PASS, GRADIENT = 0.7, 1.8
"""What a pass takes, and one with its gradient, in the bytes that are held for the gradient."""


USUAL_ROUNDS = 2
"""Hardly any pair takes more, and one that does is ended when it takes too much."""


def network(need: Need, gradients: int) -> int:
    """A network and its passes, where the gradients of so many images are computed at once."""
    images = max(PASS * need.batch, GRADIENT * gradients)
    return LOADED + 2 * need.weights + math.ceil(need.held * images)


def bent(pairs: int, settings: ConnectSettings, batch: int) -> int:
    """Images whose gradients are computed at once while so many pairs are joined, in the usual rounds."""
    if not settings.rounds:
        return 0
    usual = replace(settings, rounds=min(settings.rounds, USUAL_ROUNDS))
    paths, images = FINDERS[settings.method].width(usual)
    return min(batch, pairs * paths) * images


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


def known(count: int, values: int) -> int:
    """So many pictures that are looked through, chosen from and compared with, four times each."""
    return 4 * FLOAT * count * values


def curves(count: int, points: int) -> int:
    """So many curves, each held and once more on its way into a record."""
    return 2 * FLOAT * count * points


def populations(pairs: int, points: int, attacks: int) -> int:
    """So many pairs of each branch, read together and compared, and the tables of as many attacks."""
    return curves(2 * pairs, points) + pairs * (COMPARED + ROW * attacks)


def invaded(steps: int, dimension: int) -> int:
    """A cluster of so many sites that invades a lattice of this dimension, which tests its neighbours."""
    return TESTED * steps * (2 * dimension - 2)
