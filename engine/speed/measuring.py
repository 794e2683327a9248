"""Two ways to do the same timed in turns: connecting pairs, and the adversarial branch of a population."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from statistics import median
from typing import Any, TypeVar

import numpy as np
import torch

from engine.classifiers.classifier import Classifier
from engine.datasets import load_dataset
from engine.errors import DataError
from engine.experiments.images.computing.survey import classify
from engine.experiments.images.survey import chosen
from engine.experiments.population.computing.shards import KEPT, MISCLASSIFIED, measure_pairs
from engine.experiments.population.drawing import SPARE, TAKEN
from engine.experiments.population.pair_statistics import MOST, PairStatistics
from engine.experiments.population.shards import PairShard
from engine.finders.connecting import connect, connect_many
from engine.finders.settings import ConnectSettings
from engine.images import to_pixels
from engine.paths import Polyline, loss_curve
from engine.plain import BATCH, plain_attack, plain_connect, plain_losses
from engine.progress import SILENT
from engine.statistics import compare

Result = TypeVar("Result")


@dataclass(frozen=True)
class Row:
    """One comparison: seconds of this engine, of the plain way, and the promised limit."""

    task: str
    network: str
    ours_s: float
    plain_s: float
    limit_s: float
    note: str = ""

    @property
    def kept(self) -> bool:
        return self.ours_s <= self.limit_s


def in_turns(ours: Callable[[], object], plain: Callable[[], object]) -> tuple[float, float]:
    """Median seconds of each, run alternately after a warm-up; fewer turns where one takes long."""
    warm = timed(ours)[0] + timed(plain)[0]
    pairs = [(timed(ours)[0], timed(plain)[0]) for _ in range(7 if warm < 5 else 3)]
    return median(own for own, _ in pairs), median(other for _, other in pairs)


def timed(work: Callable[[], Result]) -> tuple[float, Result]:
    """Seconds that some work takes, and its result."""
    began = time.perf_counter()
    result = work()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter() - began, result


def as_json(rows: list[Row]) -> list[dict[str, object]]:
    """The rows as plain JSON values."""
    return [asdict(row) for row in rows]


def as_table(rows: list[Row]) -> str:
    """The rows as lines of text; the ratio is plain / ours."""
    head = f"{'task':14}{'network':24}{'ours, s':>10}{'plain, s':>10}{'ratio':>8}  promise"
    lines = [
        f"{row.task:14}{row.network:24}{row.ours_s:10.3f}{row.plain_s:10.3f}"
        f"{row.plain_s / row.ours_s:8.1f}  {'kept' if row.kept else 'BROKEN'}  {row.note}"
        for row in rows
    ]
    return "\n".join([head, *lines])


CONNECT_FACTOR = 10
"""A verified connected path is promised this many times sooner than the plain procedure's."""

CURVE_FACTOR = 1.2
"""A loss curve may take this many times a plain forward pass of the same images."""


def measure_connecting(classifier: Classifier, dataset: str, pairs: int) -> list[Row]:
    """A curve of 1,000 points and verified connections, on pairs with a barrier above 0.5 nats."""
    a, c, targets = barrier_pairs(classifier, dataset, pairs)
    curve = _curve(classifier, a[0], c[0], int(targets[0]))
    return [curve, *_connect(classifier, a, c, targets)]


def barrier_pairs(
    classifier: Classifier,
    dataset: str,
    count: int,
    height: float = 0.5,
    seed: int = 0,
    images: int = 400,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Random pairs of one predicted class, both ends low, with a straight barrier above `height`.

    Returns images a, c (count, C, H, W) and classes (count,). DataError where there are too few.
    """
    channels, *size = classifier.input_shape
    data = load_dataset(dataset, "test", size=(size[0], size[1]), channels=channels)
    index = chosen(len(data), images)
    loss, prediction, _ = classify(classifier, data, index, SILENT)
    low = np.flatnonzero(loss < 0.01)
    draws = np.random.default_rng(seed)
    found: list[tuple[torch.Tensor, torch.Tensor, int]] = []
    for _ in range(1000 * count):
        first, second = draws.choice(low, 2, replace=False)
        if len(found) == count:
            break
        if prediction[first] != prediction[second]:
            continue
        pair = torch.from_numpy(to_pixels(data.batch(index[[first, second]])))
        target = int(prediction[first])
        if loss_curve(classifier, Polyline(pair), target, 50).barrier().height > height:
            found.append((pair[0], pair[1], target))
    if len(found) < count:
        raise DataError(
            f"{classifier.name} on {dataset!r}: only {len(found)} of {count} pairs with a barrier "
            f"above {height} nats. Ask for fewer pairs."
        )
    a, c, targets = zip(*found, strict=True)
    return torch.stack(a), torch.stack(c), torch.tensor(targets)


def _curve(classifier: Classifier, a: torch.Tensor, c: torch.Tensor, target: int) -> Row:
    """A 1,000-point loss curve against the forward pass of the same images."""
    path = Polyline(torch.stack([a, c]))
    images = path.at(path.times(1000))

    def plain() -> None:
        with torch.no_grad():
            for some in images.split(BATCH):
                classifier.forward(some)

    ours, theirs = in_turns(lambda: loss_curve(classifier, path, target, 1000), plain)
    return Row("curve", classifier.name, ours, theirs, CURVE_FACTOR * theirs, "1,000 points")


def _connect(
    classifier: Classifier, a: torch.Tensor, c: torch.Tensor, targets: torch.Tensor
) -> list[Row]:
    """Time to a verified connected path, one pair at a time and all pairs at once."""
    settings = ConnectSettings()
    connect(classifier, a[0], c[0], int(targets[0]), settings)  # warm up
    ours, theirs, linked, plainly = 0.0, 0.0, 0, 0
    for start, end, target in zip(a, c, targets.tolist(), strict=True):
        seconds, connection = timed(partial(connect, classifier, start, end, target, settings))
        ours, linked = ours + seconds, linked + connection.connected
        seconds, path = timed(
            partial(plain_connect, classifier, start, end, target, threshold=settings.threshold)
        )
        theirs, plainly = theirs + seconds, plainly + path.connected
    together, connections = timed(partial(connect_many, classifier, a, c, targets, settings))
    count = len(a)
    all_linked = sum(connection.connected for connection in connections)
    per_pair = theirs / count
    limit = per_pair / CONNECT_FACTOR
    name = classifier.name
    versus = f"connected {linked} of {count}, plain {plainly}"
    return [
        Row("connect", name, ours / count, per_pair, limit, versus),
        Row("connect-many", name, together / count, per_pair, limit, f"connected {all_linked}"),
    ]


FACTOR = 8
"""The branch is promised to be this many times as fast, in pairs per second."""


def measure_population(classifier: Classifier, dataset: str, attacks: int) -> Row:
    """Attack, filter and measure pairs in both ways; seconds are those of a pair kept.

    Ours measures a part of a sweep, as a worker does; the plain way some of its blocks, `attacks` images
    rounded up to whole blocks of the paper's filter. The note says how far the gaps of those differ.
    """
    blocks = -(-attacks // (TAKEN + SPARE))
    sweep = PairStatistics(
        classifier=classifier.name, dataset=dataset, pairs=TAKEN * max(MOST, blocks)
    )
    shard = next(shard for shard in sweep.shards() if shard.branch == "adversarial")
    measure_pairs(replace(shard, blocks=1), classifier, SILENT)  # warm up
    ours, (table, _) = timed(lambda: measure_pairs(shard, classifier, SILENT))
    few = replace(shard, blocks=min(blocks, shard.blocks))
    plainly, gaps = timed(lambda: _plain(few, classifier, table))
    kept = np.flatnonzero(table["outcome"] == KEPT)
    last = sum(len(block.rows) for block in few.own_blocks())
    own = {int(k): float(table["gap"][k]) for k in kept if k < last}
    both = [k for k in own if k in gaps]
    apart = float(np.mean([own[k] - gaps[k] for k in both]))
    test = compare(np.array(list(gaps.values())), np.array(list(own.values())))
    note = (
        f"gaps of {len(gaps)} pairs: KS p = {test.ks_p:.2f}, "
        f"mean difference {apart:+.4f} nats over {len(both)}"
    )
    one = plainly / len(gaps)
    return Row("adversarial", classifier.name, ours / len(kept), one, one / FACTOR, note)


def _plain(spec: PairShard, classifier: Classifier, table: dict[str, Any]) -> dict[int, float]:
    """Row of the table -> gap, for those of the spec's pairs that the paper's filter keeps, one at a time."""
    data, _ = spec.labelled()
    own = slice(sum(len(block.rows) for block in spec.own_blocks()))
    pixels = torch.from_numpy(to_pixels(data.batch(table["first"][own])))
    sources = torch.from_numpy(to_pixels(data.batch(table["second"][own])))
    targets = table["target"][own].tolist()
    attacked, apart = {}, {}
    for k in np.flatnonzero(table["outcome"][own] != MISCLASSIFIED).tolist():
        attacked[k] = plain_attack(classifier, sources[k], targets[k])
        ends = plain_losses(classifier, pixels[k], attacked[k], targets[k], 2)
        apart[k] = float((ends[0] - ends[1]).abs())
    gaps, begin = {}, 0
    for block in spec.own_blocks():
        rows = [k for k in range(begin, begin + len(block.rows)) if k in attacked]
        begin += len(block.rows)
        for k in sorted(rows, key=apart.__getitem__)[: block.keep]:
            losses = plain_losses(classifier, pixels[k], attacked[k], targets[k], spec.points)
            gaps[k] = float(losses.max() - torch.maximum(losses[0], losses[-1]))
    return gaps
