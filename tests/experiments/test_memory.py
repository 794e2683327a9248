"""What a kind says that it takes of memory, against what was measured at two sizes."""

from __future__ import annotations

import math
import tracemalloc
from collections.abc import Callable
from functools import partial

import pytest

from engine.classifiers import load_classifier
from engine.classifiers.passes import looking, need
from engine.errors import JobError
from engine.experiments import footprint
from engine.experiments.base import Spec
from engine.experiments.pair.real_adversarial import RealAdversarial
from engine.experiments.population.pair_statistics import AttackPopulations, PairStatistics
from engine.experiments.synthesis.modes import Modes
from engine.experiments.theory.conjecture import Conjecture, Percolation
from engine.experiments.untrained.evolution import Evolution
from engine.experiments.untrained.untrained import Untrained
from engine.finders.settings import ConnectSettings
from engine.jobs.limits import Limits
from engine.lattice.sites import clusters, draw_levels
from engine.lattice.thresholds import _tested
from tests.experiments.peaks import STATUS, VALUES, conjecture_of, network, peaks
from tests.kinds import KINDS

GIGABYTE = 10**9

pytestmark = pytest.mark.skipif(not STATUS.exists(), reason="needs Linux's /proc")


def python_peak(work: Callable[[], object]) -> int:
    """Bytes that Python and NumPy held at most."""
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def agree(
    measured: Callable[[int], int],
    said: Callable[[int], int],
    small: int,
    large: int,
    most: float = math.inf,
) -> None:
    """What is said grows as what is measured does: hardly slower, and at `most` so many times as fast.

    A process uses memory again that it was given before, so what it grows by may be less than it takes.
    """
    measured(small)  # takes what is taken once, whatever is asked
    grown, told = measured(large) - measured(small), said(large) - said(small)
    assert 0.85 * grown <= told
    assert math.isinf(most) or told <= most * grown


def test_an_invaded_cluster() -> None:
    agree(
        lambda steps: python_peak(lambda: _tested(7, steps, 0)),
        lambda steps: footprint.invaded(steps, 7),
        1000,
        4000,
        most=2,
    )


def test_a_lattice() -> None:
    def fill(side: int) -> None:
        levels = draw_levels(2, side, 0)
        clusters(levels < 0.55, periodic=[1])

    agree(
        lambda side: python_peak(lambda: fill(side)),
        lambda side: footprint.SITE * side**2,
        100,
        400,
        most=2,
    )


def test_paths_of_many_pairs() -> None:
    found = dict(zip((2, 5), peaks("paths", 2, 5), strict=True))
    agree(found.__getitem__, lambda rounds: footprint.paths(16, rounds, VALUES), 2, 5)


def test_the_conjecture() -> None:
    found = dict(zip((40, 500), peaks("conjecture", 40, 500), strict=True))
    agree(found.__getitem__, lambda pairs: conjecture_of(pairs).memory(), 40, 500)


def test_gradients_of_many_images() -> None:
    one = need(network())
    found = dict(zip((8, 64), peaks("gradients", 8, 64), strict=True))
    agree(found.__getitem__, lambda images: footprint.network(one, images), 8, 64, most=2)


def test_what_a_network_holds() -> None:
    """Of six and one convolutions and their ReLUs, each keeps what goes in, which is what came out before."""
    one, maps = need(network()), 16 * 64 * 64
    least = footprint.FLOAT * (VALUES + 7 * maps)
    assert least <= one.held <= 1.5 * least
    assert one.weights == footprint.FLOAT * (16 * 27 + 6 * 16 * 144 + 7 * 16 + 34 + 6)


def test_a_network_that_takes_too_much_is_refused_when_it_is_loaded() -> None:
    spec = Evolution(pairs=200)
    limits = Limits(memory=GIGABYTE)
    limits.admit(spec)
    with looking(partial(limits.admit, spec)), pytest.raises(JobError, match="would take about"):
        load_classifier(spec.classifier, "cpu")
    with looking(partial(limits.admit, Evolution())):
        load_classifier(spec.classifier, "cpu")


@pytest.mark.parametrize(
    "spec",
    [
        PairStatistics(pairs=10**6),
        AttackPopulations(pairs=10**5, points=1000),
        Percolation(steps=10**6),
        Conjecture(width=8192, depth=20),
        Untrained(network="googlenet", networks=10, classes=100, rounds=4),
        Evolution(pairs=1000, points=10_000, batches=10_000),
        Modes(natural=6, pattern=6, real=0, hull_samples=100_000),
        RealAdversarial(classifier="torchvision:googlenet", connect=ConnectSettings(rounds=8)),
    ],
    ids=lambda spec: str(spec.kind),
)
def test_what_grows_with_its_parameters_says_so(spec: Spec) -> None:
    assert spec.memory() > GIGABYTE
    assert type(spec)().memory() < GIGABYTE / 2


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_fits_as_it_is_by_default(kind: str) -> None:
    assert 0 <= Spec.kinds[kind]().memory() < GIGABYTE / 2
