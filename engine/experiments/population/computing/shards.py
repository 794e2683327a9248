"""Blocks of pairs measured: attack, losses at the ends, the paper's filter, curves, paths; and a forecast."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from engine.attacks import ATTACKS, distinct
from engine.attacks.attacking import attack
from engine.batches import lanes
from engine.classifiers import load_classifier
from engine.classifiers.classifier import Classifier
from engine.datasets import ImageSet
from engine.experiments.base import Context, Findings
from engine.experiments.population.computing.joining import joined_columns
from engine.experiments.population.drawing import SPARE, TAKEN, Block
from engine.experiments.population.shards import Forecast, PairShard
from engine.images import to_pixels
from engine.paths import losses_at
from engine.progress import Reporter, part
from engine.random import generator
from engine.refining import passes, refine

KEPT, DROPPED, MISCLASSIFIED, FAILED = "kept", "dropped", "misclassified", "failed"
DUPLICATE, DAMAGED = "duplicate", "damaged"
"""What became of a pair that was drawn: kept; dropped by the filter, for its ends differ too much in loss;
left out because an image is not seen as it must be before the attack; because the attack did not succeed;
because it is a picture and its copy; or because a picture cannot be read."""

ATTACKED: dict[str, type] = {"l2": np.float32, "linf": np.float32, "looks": np.int64}
"""Columns that tell of the attack, zero for real images."""


@dataclass(frozen=True)
class Ends:
    """N pairs ready to be measured: images `first`, `second` (N, C, H, W) and their class (N,).

    `index` (N, 2) are the images' places in the set, `outcome` (N,) is empty for pairs that may be kept,
    and `columns` holds what else a table says of each pair.
    """

    first: torch.Tensor
    second: torch.Tensor
    targets: np.ndarray
    index: np.ndarray
    outcome: np.ndarray
    columns: dict[str, Any]


def measure_pairs(
    spec: PairShard, classifier: Classifier, report: Reporter
) -> tuple[dict[str, Any], np.ndarray]:
    """One row for each pair that was drawn, as columns, and the curves (K, points) of those kept."""
    data, labels = spec.labelled()
    blocks = spec.own_blocks()
    if spec.branch == "real":
        ends = _real(data, blocks)
    else:
        ends = _adversarial(spec, classifier, data, labels, blocks, part(report, 0, 0.6, "Attack"))
    size = lanes(classifier.input_shape, classifier.device)
    losses, seen = _at_ends(classifier, ends, size)
    outcome = _decide_outcomes(spec, blocks, ends, losses, seen)
    kept = np.flatnonzero(outcome == KEPT)
    last = 0.7 if spec.connect.rounds else 1
    curves = _curves(spec, classifier, ends, kept, size, part(report, 0.6, last, "Curves"))
    rows = _columns(ends, losses, outcome, kept, curves)
    if spec.connect.rounds:
        pairs = torch.stack([ends.first[kept], ends.second[kept]], dim=1)
        stage = part(report, last, 1, "Joining pairs")
        found = joined_columns(classifier, pairs, ends.targets[kept], spec.connect, stage)
        for name, values in found.items():
            rows[name] = np.full(len(outcome), np.nan)
            rows[name][kept] = values
    return rows, curves


def _real(data: ImageSet, blocks: tuple[Block, ...]) -> Ends:
    index = np.concatenate([block.rows for block in blocks])
    targets = np.repeat([block.label for block in blocks], [len(block.rows) for block in blocks])
    (first, lost), (second, gone) = (_pixels(data, column) for column in index.T)
    outcome = np.full(len(index), "", dtype=object)
    outcome[_same(first, second)] = DUPLICATE
    outcome[lost | gone] = DAMAGED
    return Ends(
        first, second, targets, index, outcome, {"source": targets, **_no_attack(len(index))}
    )


def _adversarial(
    spec: PairShard,
    classifier: Classifier,
    data: ImageSet,
    labels: np.ndarray,
    blocks: tuple[Block, ...],
    report: Reporter,
) -> Ends:
    index = np.concatenate([block.rows for block in blocks])
    wanted = np.repeat([block.label for block in blocks], [len(block.rows) for block in blocks])
    (originals, lost), sources = _pixels(data, index[:, 1]), labels[index[:, 1]]
    images = originals.clone()
    seen = _seen(classifier, images)
    # The paper attacks any image of another class; a benchmark's attack must undo a right label.
    aimed = spec.targeted and spec.images == "all"
    fit = np.flatnonzero((seen != wanted if aimed else seen == sources) & ~lost)
    outcome = np.where(lost, DAMAGED, MISCLASSIFIED).astype(object)
    columns = _no_attack(len(index))
    targets = wanted.copy()
    if len(fit):
        attacked = attack(
            spec.attack.method,
            classifier,
            images[fit],
            seen[fit],
            target=wanted[fit] if spec.targeted else None,
            seed=spec.seed,
            reproducible=True,
            settings=spec.attack.chosen,
            survive=spec.attack.survive,
            report=report,
        )
        images[fit] = attacked.images
        outcome[fit] = np.where(attacked.success.numpy(), "", FAILED)
        columns["l2"][fit], columns["linf"][fit] = attacked.l2.numpy(), attacked.linf.numpy()
        columns["looks"][fit] = attacked.backward_passes.numpy()
        targets[fit] = wanted[fit] if spec.targeted else attacked.prediction.numpy()
    if not spec.targeted:
        index = np.stack([_modes(labels, targets, index, spec.seed), index[:, 1]], axis=1)
        outcome[(index[:, 0] < 0) & (outcome == "")] = FAILED
    first, gone = _pixels(data, np.maximum(index[:, 0], 0))
    outcome[_same(first, originals) & (outcome == "")] = DUPLICATE
    outcome[gone & (outcome == "")] = DAMAGED
    return Ends(first, images, targets, index, outcome, {"source": sources, **columns})


def _no_attack(count: int) -> dict[str, np.ndarray]:
    return {name: np.zeros(count, kind) for name, kind in ATTACKED.items()}


def _seen(classifier: Classifier, images: torch.Tensor) -> np.ndarray:
    """The class that the classifier sees in each image, (N,)."""
    count = len(images)
    device = classifier.device
    _, seen = losses_at(
        classifier,
        images.to(device),
        images.to(device),
        torch.arange(count),
        torch.zeros(count),
        torch.zeros(count, dtype=torch.long),
        lanes=lanes(classifier.input_shape, device),
    )
    return seen.numpy()


def _modes(labels: np.ndarray, targets: np.ndarray, index: np.ndarray, seed: int) -> np.ndarray:
    """For each attacked image a real one of the class that it is given now; -1 where there is none."""
    chosen = np.full(len(targets), -1, dtype=np.int64)
    for k, (target, source) in enumerate(zip(targets, index[:, 1], strict=True)):
        members = np.flatnonzero(labels == target)
        if len(members):
            chosen[k] = generator(seed, f"mode/{source}/{target}").choice(members)
    return chosen


def _at_ends(classifier: Classifier, ends: Ends, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Losses and predictions (N, 2) at both ends of every pair."""
    count = len(ends.targets)
    loss, seen = losses_at(
        classifier,
        ends.first.to(classifier.device),
        ends.second.to(classifier.device),
        torch.arange(count).repeat(2),
        torch.arange(2.0).repeat_interleave(count),
        torch.from_numpy(ends.targets),
        lanes=size,
    )
    return loss.reshape(2, count).T.numpy(), seen.reshape(2, count).T.numpy()


def _decide_outcomes(
    spec: PairShard, blocks: tuple[Block, ...], ends: Ends, losses: np.ndarray, seen: np.ndarray
) -> np.ndarray:
    """What becomes of every pair: the paper's filter, block by block."""
    outcome = ends.outcome.copy()
    if spec.images == "correct":
        wrong = (seen != ends.targets[:, None]).any(1)
        outcome[wrong & (outcome == "")] = MISCLASSIFIED
    apart = np.abs(losses[:, 0] - losses[:, 1])
    begin = 0
    for block in blocks:
        rows = np.arange(begin, begin + len(block.rows))
        begin += len(rows)
        fit = rows[outcome[rows] == ""]
        order = fit[np.argsort(apart[fit], kind="stable")]
        outcome[order[: block.keep]], outcome[order[block.keep :]] = KEPT, DROPPED
    return outcome


def _curves(
    spec: PairShard,
    classifier: Classifier,
    ends: Ends,
    kept: np.ndarray,
    size: int,
    report: Reporter,
) -> np.ndarray:
    """Loss curves (K, points) of the straight paths of the pairs `kept`, uniform in t."""
    if not len(kept):
        return np.empty((0, spec.points), dtype=np.float32)
    first, second = (images[kept].to(classifier.device) for images in (ends.first, ends.second))
    targets = torch.from_numpy(ends.targets[kept])
    t = torch.linspace(0, 1, spec.points, dtype=torch.float64)

    def measure(
        rows: np.ndarray, places: np.ndarray, report: Reporter
    ) -> tuple[np.ndarray, np.ndarray]:
        pairs = torch.from_numpy(rows)
        loss, seen = losses_at(
            classifier, first, second, pairs, t[places], targets, report, lanes=size
        )
        return loss.numpy(), seen.numpy()

    return refine(measure, len(kept), spec.points, spec.tolerance, report=report).loss


def _columns(
    ends: Ends, losses: np.ndarray, outcome: np.ndarray, kept: np.ndarray, curves: np.ndarray
) -> dict[str, Any]:
    """The table of a shard: a row for each pair drawn, numbers of the curve where there is one."""
    height, gap, position = (np.full(len(outcome), np.nan) for _ in range(3))
    if len(kept):
        top = curves.argmax(1)
        height[kept] = curves.max(1)
        gap[kept] = curves.max(1) - np.maximum(curves[:, 0], curves[:, -1])
        position[kept] = top / (curves.shape[1] - 1)
    return {
        "first": ends.index[:, 0],
        "second": ends.index[:, 1],
        "target": ends.targets,
        **ends.columns,
        "loss_first": losses[:, 0],
        "loss_second": losses[:, 1],
        "height": height,
        "gap": gap,
        "position": position,
        "outcome": outcome.astype(str),
    }


def _pixels(data: ImageSet, index: np.ndarray) -> tuple[torch.Tensor, np.ndarray]:
    """Images (n, C, H, W), black where one cannot be read, and which those are, (n,)."""
    images, damaged = data.readable(index)
    return torch.from_numpy(to_pixels(images)), np.isin(np.arange(len(index)), list(damaged))


def _same(first: torch.Tensor, second: torch.Tensor) -> np.ndarray:
    """Which images are equal in every pixel, (N,)."""
    return (first == second).flatten(1).all(1).numpy()


def pair_shard(spec: PairShard, context: Context) -> Findings:
    """Attack where need be, filter, and measure the blocks of this part."""
    classifier = load_classifier(spec.classifier, context.device)
    rows, curves = measure_pairs(spec, classifier, context.report)
    return Findings({"curves": curves}, {"pairs": rows}, _counts(rows))


def _counts(rows: dict[str, Any]) -> dict[str, Any]:
    """How many pairs came to what end."""
    outcomes, counts = np.unique(rows["outcome"], return_counts=True)
    return {str(name): int(count) for name, count in zip(outcomes, counts, strict=True)}


JOINING = (600, 30)
"""Forward passes and gradients that joining a pair takes, about, its verification included."""

TURNS = 2
"""Measurements of each kind; the faster one counts, for whatever else runs only slows down."""


def _seconds_an_image(classifier: Classifier) -> tuple[float, float]:
    """Seconds of a forward pass and of one with its gradient, for one image among full lanes."""
    size = lanes(classifier.input_shape, classifier.device)
    images = torch.full((size, *classifier.input_shape), 0.5, device=classifier.device)

    def forward() -> None:
        with torch.inference_mode():
            classifier.forward(images)

    def gradient() -> None:
        pixels = images.clone().requires_grad_(True)
        torch.autograd.grad(classifier.forward(pixels).logsumexp(1).sum(), pixels)

    # The first time is longer than any other.
    seconds = [
        [_time(work, classifier.device) for work in (forward, gradient)] for _ in range(TURNS + 1)
    ]
    quickest = [min(times) / size for times in zip(*seconds[1:], strict=True)]
    return quickest[0], quickest[1]


def _time(work: Callable[[], None], device: torch.device) -> float:
    began = time.perf_counter()
    work()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter() - began


def _device_name(classifier: Classifier) -> str:
    if classifier.device.type == "cuda":
        return torch.cuda.get_device_name(classifier.device)
    threads = torch.get_num_threads()
    return f"CPU, {threads} thread{'s' if threads != 1 else ''}"


def forecast(spec: Forecast, context: Context) -> Findings:
    """Seconds a pair and in all, on each device."""
    devices = ["cpu", "cuda"] if torch.cuda.is_available() else ["cpu"]
    summary = {}
    for k, device in enumerate(devices):
        stage = part(context.report, k / len(devices), (k + 1) / len(devices), "Timing")
        stage(0, 1)
        classifier = load_classifier(spec.classifier, device)
        summary[device] = _measure(spec, classifier)
    return Findings(summary={"devices": summary, "pairs": spec.pairs})


def _measure(spec: Forecast, classifier: Classifier) -> dict[str, Any]:
    """Seconds a pair of each branch, and for the whole population on one such device."""
    forward, gradient = _seconds_an_image(classifier)
    drawn = (TAKEN + SPARE) / TAKEN
    real = (2 * drawn + passes(spec.points, spec.tolerance)) * forward
    if spec.connect.rounds:
        real += JOINING[0] * forward + JOINING[1] * gradient
    methods = distinct() if spec.every_attack else (spec.attack.method,)
    attacks = {method: ATTACKS[method](spec.attack.of(method)) for method in methods}
    adversarial = {
        method: real + drawn * attack.gradients() * gradient for method, attack in attacks.items()
    }
    return {
        "name": _device_name(classifier),
        "real_s": real,
        "adversarial_s": adversarial,
        "total_s": spec.pairs * (real + sum(adversarial.values())),
    }
