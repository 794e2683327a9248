"""What a kind says that it takes of memory, against what was measured at two sizes."""

from __future__ import annotations

import math
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from engine.allocation import MMAP_MAX, _glibc, give_back, keep_memory
from engine.classifiers.wrapping import wrap
from engine.experiments import footprint
from engine.experiments.base import Spec
from engine.experiments.pair.real_adversarial import RealAdversarial
from engine.experiments.synthesis.modes import Modes
from engine.experiments.theory.computing.joined_pairs import trials
from engine.experiments.theory.conjecture import Conjecture, Percolation
from engine.experiments.untrained.evolution import Evolution
from engine.experiments.untrained.untrained import Untrained
from engine.finders.connecting import connect_many
from engine.finders.settings import ConnectSettings
from engine.lattice.sites import clusters, draw_levels
from engine.lattice.thresholds import _tested
from engine.progress import SILENT
from tests.kinds import KINDS

STATUS = Path("/proc/self/status")
GIGABYTE = 10**9

pytestmark = pytest.mark.skipif(not STATUS.exists(), reason="needs Linux's /proc")


def python_peak(work: Callable[[], object]) -> int:
    """Bytes that Python and NumPy held at most."""
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def process_peak(work: Callable[[], object]) -> int:
    """Bytes by which this process grew at most, with pages of its own for whatever is large."""
    give_back()
    _glibc("mallopt", MMAP_MAX, 65_536)
    try:
        Path("/proc/self/clear_refs").write_text("5")  # the peak is forgotten
        before = _kilobytes("VmRSS")
        work()
        return 1024 * (_kilobytes("VmHWM") - before)
    finally:
        keep_memory()


def _kilobytes(name: str) -> int:
    (line,) = (line for line in STATUS.read_text().splitlines() if line.startswith(name))
    return int(line.split()[1])


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


class Waves(nn.Module):
    """Two classes in waves, so that every path between two crests has troughs, however it is bent."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.along = nn.Parameter(torch.randn(size, generator=torch.Generator().manual_seed(0)))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        # In double precision no batch rounds differently.
        place = images.flatten(1).double() @ self.along.double()
        wave = 20 * torch.sin(40 * place).float()
        return torch.stack([wave, -wave], dim=1)


def test_paths_of_many_pairs() -> None:
    shape = (3, 64, 64)
    size = int(np.prod(shape))
    network = wrap(Waves(size), classes=["a", "b"], input_shape=shape, mean=0.5, std=0.3)
    drawn = torch.rand(400, *shape, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        crests = drawn[network(drawn)[:, 0].topk(32).indices].clone()

    def connect(rounds: int) -> None:
        found = connect_many(
            network,
            crests[:16],
            crests[16:],
            "a",
            rounds=rounds,
            iterations=2,
            search_points=16,
            verify_points=17,
        )
        assert max(len(one.rounds) for one in found) == rounds

    agree(
        lambda rounds: process_peak(lambda: connect(rounds)),
        lambda rounds: footprint.paths(16, rounds, size),
        2,
        4,
    )


def test_the_conjecture() -> None:
    def spec(pairs: int) -> Conjecture:
        return Conjecture(
            smallest=4096,
            largest=4096,
            networks=1,
            pairs=pairs,
            rounds=3,
            steps=2,
            width=16,
            tolerances=(0.05,),
            points=4,
        )

    agree(
        lambda pairs: process_peak(lambda: list(trials(spec(pairs), "cpu", SILENT))),
        lambda pairs: spec(pairs).memory(),
        40,
        240,
    )


@pytest.mark.parametrize(
    "spec",
    [
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
