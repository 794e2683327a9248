"""What some computing takes of memory at its peak, in a process of its own.

A process that has done other things has memory left from them, and so grows by less, or by more. Hence
`python -m tests.experiments.peaks NAME SIZE...`, which prints a number of bytes for each size.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn

from engine.allocation import MMAP_MAX, _glibc, give_back
from engine.classifiers.classifier import Classifier
from engine.classifiers.wrapping import wrap
from engine.experiments.theory.computing.joined_pairs import trials
from engine.experiments.theory.conjecture import Conjecture
from engine.finders.connecting import connect_many
from engine.progress import SILENT

STATUS = Path("/proc/self/status")
SHAPE = (3, 64, 64)
VALUES = math.prod(SHAPE)


def peaks(name: str, *sizes: int) -> list[int]:
    """Bytes by which a process grows at most while the work of this name is done at these sizes."""
    command = [sys.executable, "-m", "tests.experiments.peaks", name, *map(str, sizes)]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, cwd=root, stdout=subprocess.PIPE, check=True)
    found: list[int] = json.loads(done.stdout)
    return found


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


def paths(rounds: int) -> Callable[[], object]:
    """Connect 16 pairs, one of which takes all rounds."""
    network = wrap(Waves(VALUES), classes=["a", "b"], input_shape=SHAPE, mean=0.5, std=0.3)
    crests = [_crest(network, seed) for seed in range(32)]
    starts, ends = torch.stack(crests[:16]), torch.stack(crests[16:])
    settings = {"rounds": rounds, "iterations": 2, "search_points": 16, "verify_points": 17}

    def work() -> None:
        found = connect_many(network, starts, ends, "a", **settings)
        assert max(len(one.rounds) for one in found) == rounds

    return work


def _crest(network: Classifier, seed: int) -> torch.Tensor:
    """A picture that is surely of the first class, of a few that are drawn."""
    drawn = torch.rand(16, *SHAPE, generator=torch.Generator().manual_seed(seed))
    with torch.inference_mode():
        return drawn[network(drawn)[:, 0].argmax()].clone()


def network() -> Classifier:
    """A few layers, of which a gradient holds far more than the images."""
    torch.manual_seed(0)
    layers = [
        nn.Conv2d(3, 16, 3, padding=1),
        nn.ReLU(),
        *_more(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
    ]
    module = nn.Sequential(*layers, nn.Linear(16, 2))
    return wrap(module, classes=["a", "b"], input_shape=SHAPE, mean=0.5, std=0.3)


def _more() -> list[nn.Module]:
    return [layer for _ in range(6) for layer in (nn.Conv2d(16, 16, 3, padding=1), nn.ReLU())]


def gradients(images: int) -> Callable[[], object]:
    """The gradients of so many images in one pass."""
    classifier = network()
    pixels = torch.full((images, *SHAPE), 0.5).requires_grad_(True)
    return lambda: torch.autograd.grad(classifier.forward(pixels).sum(), pixels)


def conjecture_of(pairs: int) -> Conjecture:
    """The conjecture at one dimension, with so many pairs."""
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


def conjecture(pairs: int) -> Callable[[], object]:
    """Measure it."""
    return lambda: list(trials(conjecture_of(pairs), "cpu", SILENT))


def _kilobytes(name: str) -> int:
    (line,) = (line for line in STATUS.read_text().splitlines() if line.startswith(name))
    return int(line.split()[1])


def _peak(name: str, size: int) -> int:
    work = {"paths": paths, "conjecture": conjecture, "gradients": gradients}[name](size)
    give_back()
    Path("/proc/self/clear_refs").write_text("5")  # the peak is forgotten
    before = _kilobytes("VmRSS")
    work()
    return 1024 * (_kilobytes("VmHWM") - before)


if __name__ == "__main__":
    _glibc(
        "mallopt", MMAP_MAX, 65_536
    )  # whatever is large has pages of its own, and gives them back
    chosen, wanted = sys.argv[1], [int(size) for size in sys.argv[2:]]
    _peak(chosen, wanted[0])  # what is made once is made
    print(json.dumps([_peak(chosen, size) for size in wanted]))
