"""How cost grows: with pairs, points, pixels and workers, and what a population of the paper's size takes.

What is measured is measured here; what more workers than this machine has would take is simulated from the
times of measured parts, each given to the worker that is free first, and says so. A simulation knows nothing
of workers that wait for each other's memory, and says nothing of a GPU.
"""

from __future__ import annotations

import heapq
import multiprocessing
import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import replace
from functools import partial

import numpy as np
import torch

from engine.classifiers import load_classifier
from engine.classifiers.classifier import Classifier
from engine.classifiers.networks import build
from engine.classifiers.wrapping import wrap
from engine.experiments.population.computing.shards import measure_pairs
from engine.experiments.population.drawing import BRANCHES, TAKEN
from engine.experiments.population.pair_statistics import MOST, PairStatistics
from engine.experiments.population.shards import PairShard
from engine.finders.connecting import connect_many
from engine.paths import Polyline, loss_curve
from engine.progress import SILENT, Reporter
from engine.speed.pairs import barrier_pairs
from engine.speed.rows import Growth, in_turns, timed

PAIRS = (1, 2, 4, 8, 16)
POINTS = (10, 30, 100, 300, 1000, 3000)
SIDES = (16, 32, 64, 128, 224)
"""Pairs joined at once, points on a curve, and pixels a side of an image."""

CURVE = 100
"""Points of the curves that are measured on images of several sizes."""

PARTS = 3
"""Parts of each branch that are timed, by one worker and then by one a core."""

WORKERS = (8, 16, 64)
"""Workers that are simulated."""

PAPER = 5000
"""Pairs of each branch in the paper."""


def measure_growth(
    networks: dict[str, str], most: int = PAIRS[-1], report: Reporter = SILENT
) -> Iterator[Growth]:
    """How cost grows on every network (name -> image set), with at most so many pairs at once."""
    for done, (name, dataset) in enumerate(networks.items()):
        report(done, len(networks), stage=name)
        classifier = load_classifier(name)
        sizes = tuple(size for size in PAIRS if size <= most)
        a, c, targets = barrier_pairs(classifier, dataset, sizes[-1])
        yield _pairs(classifier, a, c, targets, sizes)
        yield _points(classifier, torch.stack([a[0], c[0]]), int(targets[0]))
        yield from _workers(name, dataset)
    yield _pixels()
    report(1, 1)


def makespan(seconds: Sequence[float], workers: int) -> float:
    """When the last of some tasks ends, each being given to the worker that is free first."""
    free = [0.0] * workers
    for task in seconds:
        heapq.heappush(free, heapq.heappop(free) + task)
    return max(free)


def _pairs(
    classifier: Classifier,
    a: torch.Tensor,
    c: torch.Tensor,
    targets: torch.Tensor,
    sizes: tuple[int, ...],
) -> Growth:
    """The same pairs, so many at a time."""

    def joined(size: int) -> None:
        for rows in torch.arange(len(a)).split(size):
            connect_many(classifier, a[rows], c[rows], targets[rows])

    times, _ = in_turns({str(size): partial(joined, size) for size in sizes})
    each = tuple(times[str(size)].median / len(a) for size in sizes)
    note = f"the same {len(a)} pairs each time"
    return Growth(classifier.name, "pairs joined at once", "a pair", sizes, each, note)


def _points(classifier: Classifier, ends: torch.Tensor, target: int) -> Growth:
    path = Polyline(ends)
    ways = {
        str(points): lambda points=points: loss_curve(classifier, path, target, points)
        for points in POINTS
    }
    times, _ = in_turns(ways)
    each = tuple(times[str(points)].median / points for points in POINTS)
    return Growth(classifier.name, "points on a curve", "a point", POINTS, each)


def _pixels() -> Growth:
    """Curves of one architecture on images of several sizes; weights do not matter to the time."""
    ways = {}
    for side in SIDES:
        classifier = wrap(
            build("small-resnet", 3, 10, seed=0),
            classes=[*map(str, range(10))],
            input_shape=(3, side, side),
        )
        path = Polyline(torch.rand(2, 3, side, side, generator=torch.Generator().manual_seed(0)))
        ways[str(side)] = lambda one=classifier, path=path: loss_curve(one, path, 0, CURVE)
    times, _ = in_turns(ways)
    each = tuple(times[str(side)].median / (CURVE * side**2) for side in SIDES)
    note = "a residual network of the size of shapes-resnet, with random weights"
    return Growth("random", "pixels a side", "a pixel and point", SIDES, each, note)


def _workers(name: str, dataset: str) -> Iterator[Growth]:
    """Parts of a population by one worker and by one a core, and what many parts take many workers."""
    sweep = PairStatistics(classifier=name, dataset=dataset, pairs=PARTS * MOST * TAKEN)
    parts = {branch: [one for one in sweep.shards() if one.branch == branch] for branch in BRANCHES}
    few = [part for own in parts.values() for part in own[:PARTS]]
    cores = os.cpu_count() or 1
    counts = (1, cores) if cores > 1 else (1,)
    walls: list[float] = []
    found: list[float] = []
    for count in counts:
        with _pool(name, count, [replace(own[0], blocks=1) for own in parts.values()]) as pool:
            began = time.perf_counter()
            found = list(pool.map(_measured, few, chunksize=1))
            walls.append((time.perf_counter() - began) / len(few))
    yield Growth(name, "workers (measured)", "a part of a population", counts, tuple(walls))
    # What is told of many parts rests on the first few; the last of each branch is foretold, and checks that.
    own = dict(zip(few, found, strict=True))
    pieces, check = [], []
    for branch, whole in parts.items():
        *known, last = whole[:PARTS]
        a_pair = sum(own[part] for part in known) / sum(map(_kept, known))
        check.append(f"{branch}: {a_pair * _kept(last):.2f} s foretold, {own[last]:.2f} s taken")
        count = round(PAPER * len(known) / sum(map(_kept, known)))
        pieces += np.random.default_rng(0).choice([own[part] for part in known], count).tolist()
    spans = tuple(makespan(pieces, count) for count in WORKERS)
    note = (
        f"simulated with the times of measured parts; {len(pieces):,} parts, one worker "
        f"{sum(pieces) / 3600:.1f} hours. A part that was not used to foretell, {'; '.join(check)}"
    )
    yield Growth(
        name, "workers (simulated)", f"of {PAPER:,} + {PAPER:,} pairs", WORKERS, spans, note
    )


def _kept(part: PairShard) -> int:
    """Pairs that a part is to keep."""
    return sum(block.keep for block in part.own_blocks())


_worker: list[Classifier] = []
"""The network of this worker process."""


def _pool(name: str, workers: int, small: list[PairShard]) -> Executor:
    """Worker processes that share the cores, each with some `small` parts behind it."""
    pool = ProcessPoolExecutor(
        workers,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=begin,
        initargs=(name, max(1, (os.cpu_count() or 1) // workers)),
    )
    list(pool.map(_measured, small * 2 * workers))
    return pool


def begin(name: str, threads: int) -> None:
    """Make this process a worker for a network, with so many threads."""
    torch.set_num_threads(threads)
    _worker[:] = [load_classifier(name)]


def _measured(part: PairShard) -> float:
    """Seconds that a part takes this worker."""
    (classifier,) = _worker
    return timed(lambda: measure_pairs(part, classifier, SILENT))[0]
