"""A training measured in parts, and what its record holds: mean curves, and barriers stage by stage."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from engine.classifiers.cards import listed_card
from engine.classifiers.classifier import Classifier
from engine.classifiers.listings import LISTINGS
from engine.classifiers.passes import looked_at
from engine.datasets import load_dataset
from engine.devices import choose_device
from engine.errors import WeightsError
from engine.experiments.base import Context, Findings, columns
from engine.experiments.untrained.computing.optimal_inputs import OptimalPairs, optimal_pairs
from engine.experiments.untrained.evolution import Evolution, EvolutionPart
from engine.paths import losses_at
from engine.progress import Reporter, part
from engine.training.recipes import RECIPES
from engine.training.run import Run

STATE = "state."
"""What names of arrays that hold the state of the training begin with."""

ESTIMATED = 512
"""Training images, spread over the set, from which statistics are estimated anew."""

TRAINING = 0.1
"""The share of a stage's progress that is training; the rest is making inputs."""


@dataclass(frozen=True)
class Stage:
    """A moment of the training: after `number` batches or epochs (`phase`), or before any (0).

    `curves` (P, points) holds the loss on the straight line of every pair, NaN where an input of it did
    not get below its loss; `loss` (P, 2) the losses of the inputs, and `steps` (P, 2) what they took.
    """

    phase: str
    number: int
    curves: np.ndarray
    loss: np.ndarray
    steps: np.ndarray


def stages_of(
    spec: EvolutionPart, before: Mapping[str, np.ndarray] | None, device: str, report: Reporter
) -> Findings:
    """Train the epochs of a part from the state in `before`, the arrays of the part before it."""
    run = _run(spec, device, part(report, 0, 0.02, "Reading the training images"))
    stages: list[Stage] = []
    expected = _expected(spec, run)

    def training(step: float, total: float, **metrics: float | str) -> None:
        # The training counts all its epochs; here a part of one precedes each measurement.
        report(len(stages) + TRAINING * (step % 1), expected, **metrics)

    def measure(phase: str, number: int) -> None:
        begin, end = (len(stages) + share for share in (TRAINING, 1))
        share = part(report, begin / expected, end / expected, f"After {phase} {number}")
        stages.append(_stage(spec, run, phase, number, share))

    def after(batch: int) -> None:
        if batch <= spec.batches:
            measure("batch", batch)

    if before is None:
        measure("batch", 0)
    else:
        state = {name: before[name] for name in before if name.startswith(STATE)}
        run.restore(
            {n.removeprefix(STATE): torch.from_numpy(np.array(v)) for n, v in state.items()}
        )
    for epoch in spec.span:
        loss = run.epoch(epoch, training, after)
        if not np.isfinite(loss):
            raise WeightsError(
                f"Training diverged in epoch {epoch + 1}: the loss is not a finite number. "
                "Choose more training images or another network."
            )
        measure("epoch", epoch + 1)
    return _findings(spec, run, stages)


def _run(spec: EvolutionPart, device: str, report: Reporter) -> Run:
    """The training by the network's own recipe, spread over the epochs asked for."""
    name = spec.classifier
    recipe = replace(RECIPES[name], epochs=spec.epochs, seed=spec.seed)
    channels, *own = LISTINGS[name].input_shape
    height, width = (recipe.side or length for length in own)
    data = load_dataset(LISTINGS[name].dataset, "train", (height, width), channels, report=report)
    return Run(name, recipe, data, choose_device(device or None), spec.images or None)


def _expected(spec: EvolutionPart, run: Run) -> int:
    """How many measurements this part makes."""
    each = -(-len(run.images) // run.recipe.batch)
    first, last = spec.span[0] * each, (spec.span[-1] + 1) * each
    batches = max(0, min(spec.batches, last) - first)
    return len(spec.span) + batches + (spec.part == 0)


def _stage(spec: EvolutionPart, run: Run, phase: str, number: int, report: Reporter) -> Stage:
    """Make pairs for the network as it is now, and look at the straight lines between them."""
    card = listed_card(spec.classifier)
    # A classifier freezes its network, and the training goes on: so it gets a copy.
    copy = deepcopy(run.network)
    if spec.statistics == "estimated":
        run.estimate_statistics(copy, ESTIMATED)
    classifier = looked_at(Classifier(card, copy, run.device, torch.channels_last))
    targets = np.arange(len(card.classes)).repeat(spec.pairs).tolist()
    label = f"noise {phase} {number}"
    pairs = optimal_pairs(classifier, targets, spec, label, part(report, 0, 0.9))
    curves = straight_curves(classifier, pairs, spec.points, part(report, 0.9, 1))
    return Stage(phase, number, curves, pairs.loss, pairs.steps)


def straight_curves(
    classifier: Classifier, pairs: OptimalPairs, points: int, report: Reporter
) -> np.ndarray:
    """The loss at `points` places on the straight line of each pair, float32 (P, points).

    NaN for pairs of which an input is not optimal.
    """
    ready = pairs.ready
    curves = np.full((len(pairs.targets), points), np.nan, dtype=np.float32)
    if len(ready):
        which = torch.arange(len(ready))
        losses, _ = losses_at(
            classifier,
            pairs.images[ready, 0],
            pairs.images[ready, 1],
            which.repeat_interleave(points),
            torch.linspace(0, 1, points).repeat(len(ready)),
            torch.from_numpy(pairs.targets[ready]),
            report,
        )
        curves[ready] = losses.reshape(len(ready), points).numpy()
    return curves


def _findings(spec: EvolutionPart, run: Run, stages: list[Stage]) -> Findings:
    arrays = {
        "curves": np.stack([stage.curves for stage in stages]),
        "input_loss": np.stack([stage.loss for stage in stages]),
        "input_steps": np.stack([stage.steps for stage in stages]),
    }
    if spec.span[-1] + 1 < spec.epochs:
        state = run.state()
        arrays |= {f"{STATE}{name}": value.cpu().numpy() for name, value in state.items()}
    columns = {
        "phase": [stage.phase for stage in stages],
        "number": [stage.number for stage in stages],
    }
    return Findings(arrays, {"stages": columns}, {"images": len(run.images)})


def evolution_part(spec: EvolutionPart, context: Context) -> Findings:
    """Train the epochs of this part from where the one before it ended."""
    report = context.report
    before = None
    if spec.part:
        earlier = spec.parts[spec.part - 1]
        before = context.findings_of(earlier, part(report, 0, 0.02, "Earlier part")).arrays
    return stages_of(spec, before, context.device, part(report, 0.02, 1))


NORMAL = 1.96
"""Half the width of a 95 % interval of a mean, in standard errors."""

QUARTILES = (0.25, 0.75)


def join_parts(spec: Evolution, parts: Sequence[Findings]) -> Findings:
    """The findings of a whole training, from those of its parts in order."""
    phases = [name for found in parts for name in found.tables["stages"]["phase"]]
    numbers = [int(number) for found in parts for number in found.tables["stages"]["number"]]
    curves = np.concatenate([found.arrays["curves"] for found in parts])
    steps = np.concatenate([found.arrays["input_steps"] for found in parts])
    moments = _moments(phases, numbers)
    rows = [
        _barriers(phase, number, curves[k], steps[k], spec.threshold)
        for phase, number, k in moments
    ]
    lines = [line for phase, number, k in moments for line in _lines(phase, number, curves[k])]
    lost = int(np.isnan(curves).any(2).sum())
    summary = {
        "images": parts[0].summary["images"],
        "pairs": curves.shape[1],
        "measured": len(curves),
        "not_converged": lost,
        "first_height": rows[0]["height"],
        "last_height": rows[-1]["height"],
    }
    return Findings({}, {"barriers": columns(rows), "curves": columns(lines)}, summary)


def _moments(phases: list[str], numbers: list[int]) -> list[tuple[str, int, int]]:
    """(phase, number, place) of every stage; what comes before training is the first of both phases."""
    place = list(enumerate(zip(phases, numbers, strict=True)))
    batches = [(phase, number, k) for k, (phase, number) in place if phase == "batch"]
    epochs = [(phase, number, k) for k, (phase, number) in place if phase == "epoch"]
    return [*batches, ("epoch", 0, batches[0][2]), *epochs]


def _barriers(
    phase: str, number: int, curves: np.ndarray, steps: np.ndarray, threshold: float
) -> dict[str, Any]:
    """One row: the heights of a stage's barriers over the pairs whose inputs are optimal."""
    heights = curves[~np.isnan(curves).any(1)].max(1).astype(np.float64)
    count = len(heights)
    mean = float(heights.mean()) if count else math.nan
    error = float(heights.std(ddof=1)) / math.sqrt(count) if count > 1 else math.nan
    low, middle, high = (
        np.quantile(heights, (QUARTILES[0], 0.5, QUARTILES[1])) if count else (math.nan,) * 3
    )
    return {
        "phase": phase,
        "number": number,
        "pairs": count,
        "tried": len(curves),
        "height": mean,
        "low": mean - NORMAL * error,
        "high": mean + NORMAL * error,
        "spread": float(heights.std(ddof=1)) if count > 1 else math.nan,
        "quarter": float(low),
        "median": float(middle),
        "three_quarters": float(high),
        "connected": float((heights <= threshold).mean()) if count else math.nan,
        "steps": float(steps.mean()),
    }


def _lines(phase: str, number: int, curves: np.ndarray) -> list[dict[str, Any]]:
    """One row a place: mean and quartiles of the loss over the pairs whose inputs are optimal."""
    known = curves[~np.isnan(curves).any(1)].astype(np.float64)
    if not len(known):
        return []
    low, high = np.quantile(known, QUARTILES, axis=0)
    return [
        {
            "phase": phase,
            "number": number,
            "t": float(t),
            "loss": float(mean),
            "quarter": float(low[k]),
            "three_quarters": float(high[k]),
        }
        for k, (t, mean) in enumerate(
            zip(np.linspace(0, 1, curves.shape[1]), known.mean(0), strict=True)
        )
    ]


def evolution(spec: Evolution, context: Context) -> Findings:
    """Compute the parts in order, and join them."""
    found, parts = [], spec.parts
    for k, piece in enumerate(parts):
        share = part(context.report, k / len(parts), (k + 1) / len(parts))
        found.append(context.findings_of(piece, share))
    return join_parts(spec, found)
