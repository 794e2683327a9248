"""What a judgement tells, as tables: rates, ROC curves, scores, false positives, bands of curves, cost."""

from __future__ import annotations

import time
from collections.abc import Sequence
from math import nan
from statistics import fmean
from typing import Any

import numpy as np
import torch

from engine.detectors.altering import FAMILIES, KINDS
from engine.detectors.base import Detector
from engine.detectors.connectivity import ModeConnectivity
from engine.detectors.evading import evade, knowledge
from engine.detectors.sides import ALARM
from engine.experiments.base import Columns, columns
from engine.experiments.detection.computing.gathering import Gathered
from engine.experiments.detection.computing.judging import (
    ALL,
    CURVE,
    Judged,
    Rates,
    Samples,
    Split,
    fit_on,
    rate_on,
    scores_on,
)
from engine.experiments.detection.protocol import PIXELS, UNSEEN
from engine.progress import Reporter, part
from engine.random import derive
from engine.statistics import auc, compare, wilson

ALTERED_WRONG = "altered wrong"
"""Altered clean images that are misclassified now, of all kinds together."""

BAND = (0.1, 0.5, 0.9)
"""Quantiles that a band of curves is drawn through."""

TIMED = 32
"""Images that the time of one is measured on."""


def rows_of(found: dict[str, list[dict[str, Any]]]) -> Columns:
    """Rows as columns, with one that tells the kind of pixels."""
    rows = [{"pixels": pixels, **row} for pixels, own in found.items() for row in own]
    return columns(rows)


def curves_of(judged: dict[str, Judged], protocol: str) -> Columns:
    """ROC curves of every attack, by the protocol's models."""
    rows = [
        {"pixels": pixels, "attack": attack, "false_alarms": x, "detected": y}
        for pixels, found in judged.items()
        for attack, trained in found.scores
        if trained == protocol
        for x, y in zip(CURVE, found.curve(attack, trained), strict=True)
    ]
    return columns(rows)


def scores_of(judged: Judged, protocol: str) -> Columns:
    """Scores of the first split's test images, clean and attacked."""
    parts = [
        (attack, attacked, scores)
        for (attack, trained), splits in judged.scores.items()
        if trained == protocol
        for attacked, scores in enumerate(splits[0])
    ]
    sizes = [len(scores) for _, _, scores in parts]
    return {
        "attack": np.repeat([attack for attack, _, _ in parts], sizes),
        "attacked": np.repeat([bool(attacked) for _, attacked, _ in parts], sizes),
        "score": np.concatenate([scores for _, _, scores in parts]),
    }


def bands_of(detector: Detector, samples: Samples) -> dict[str, np.ndarray]:
    """Deciles 1, 5 and 9 of clean and attacked images' curves and sorted logits, (2, 3, n) each."""
    if not isinstance(detector, ModeConnectivity):
        return {}
    everything = np.ones(len(samples.clean), dtype=bool)
    both = [detector.parts(sample) for sample in samples.pairs(ALL, everything)]
    curves, logits = (
        np.stack([np.quantile(sample, BAND, axis=0) for sample in samples])
        for samples in zip(*((curves[:, 0], logits) for curves, logits in both), strict=True)
    )
    return {"bands/curve": curves.astype(np.float32), "bands/logits": logits.astype(np.float32)}


def negatives_of(detector: Detector, gathered: Gathered) -> Columns:
    """How often the detector that is kept takes clean images that it never saw for attacked.

    At the score that 5 % of those that set its false-positive rate exceed. What alterations turned into
    misclassified images is counted by itself, and with 95 % intervals throughout.
    """
    threshold = detector.threshold(ALARM)
    calls = {"wrong": [_called(detector, gathered.others("wrong")[0], threshold)]}
    for kind in UNSEEN:
        features, right = gathered.others(kind)
        called = _called(detector, features, threshold)
        calls[kind] = [called[right]]
        calls.setdefault(ALTERED_WRONG, []).append(called[~right])
    rows = [
        {"kind": kind, "images": len(called), **_share(called)}
        for kind, parts in calls.items()
        if len(called := np.concatenate(parts))
    ]
    return columns(rows, ("kind", "images", "alarms", "low", "high"))


def aspects_of(
    detector: Detector, gathered: Gathered, splits: Sequence[Split], seed: int, report: Reporter
) -> Columns:
    """What each thing that a detector looks at is worth alone: mean AUC of one model for all attacks."""
    rows = []
    for pixels in PIXELS if detector.aspects else ():
        samples = gathered.samples(pixels)
        for aspect, own in detector.aspects.items():
            report(0, 1)
            alone = samples.seen_through(own)
            areas: dict[str, list[float]] = {attack: [] for attack in samples.attacked}
            for k, split in enumerate(splits):
                fit_on(detector, alone, split, ALL, derive(seed, f"fit/{k}"))
                for attack, found in areas.items():
                    found.append(auc(*scores_on(detector, alone, split, ALL, attack)))
            about = {"pixels": pixels, "aspect": aspect}
            rows += [about | {"attack": name, "auc": fmean(own)} for name, own in areas.items()]
    return columns(rows, ("pixels", "aspect", "attack", "auc"))


def unlearnt_of(
    detector: Detector, gathered: Gathered, split: Split, seed: int, report: Reporter
) -> Columns:
    """How a detector does on what it never learnt from, as files keep it: each attack, each alteration.

    Of an attack the AUC, one model having learnt from all others; of a family of alterations the share of
    its images that is called attacks at 5 % false positives, of those that are still correctly classified.
    With 95 % intervals.
    """
    rows = []
    samples = gathered.samples("8-bit")
    if detector.learns_altered and samples.attacked:
        for attack in samples.attacked:
            report(0, 1)
            others = samples.but(attack)
            if others.attacked:
                fit_on(detector, others, split, ALL, derive(seed, "left out"))
                found = compare(*scores_on(detector, samples, split, ALL, attack))
                pairs = int((split.testing & samples.success[attack]).sum())
                value = {"value": found.auc, "low": found.auc_low, "high": found.auc_high}
                rows.append({"left_out": attack, "measure": "auc", "images": pairs, **value})
        for family in FAMILIES:
            report(0, 1)
            fit_on(detector, samples, split, ALL, derive(seed, "left out"), family)
            rate_on(detector, samples, split, derive(seed, "left out"), family)
            parts = [gathered.others(kind) for kind, (name, _) in KINDS.items() if name == family]
            right = np.concatenate([features[seen] for features, seen in parts])
            share = _share(_called(detector, right, detector.threshold(ALARM)))
            value = {"value": share["alarms"], "low": share["low"], "high": share["high"]}
            rows.append({"left_out": family, "measure": "alarms", "images": len(right), **value})
    return columns(rows, ("left_out", "measure", "images", "value", "low", "high"))


def _called(detector: Detector, features: np.ndarray, threshold: float) -> np.ndarray:
    """Which features (N, F) score as attacks do, bool (N,)."""
    return detector.score_features(features) > threshold if len(features) else np.empty(0, bool)


def _share(called: np.ndarray) -> dict[str, float]:
    """The share of images that are called attacks, with Wilson's 95 % interval."""
    low, high = wilson(int(called.sum()), len(called))
    return {"alarms": float(called.mean()) if len(called) else nan, "low": low, "high": high}


def adaptive_of(
    detector: Detector, gathered: Gathered, kept: Samples, split: Split, report: Reporter
) -> Columns:
    """How the detector that is kept fares against an attack, and against one that knows it."""
    rows = np.flatnonzero(split.testing)[: gathered.spec.adaptive_images]
    if not len(rows):
        return {name: [] for name in ("attack", "images", "fooled", "auc", "detected")}
    index, labels = (array[rows] for array in gathered.spec.select_images(gathered.context))
    images = torch.from_numpy(gathered.spec.pictures(index))
    learning, choosing = (kept.lesson(ALL, side) for side in (split.learning, split.choosing))
    knowing = knowledge(detector, learning, choosing)
    clean = detector.score_features(gathered.clean[rows])
    budget = gathered.spec.attack.pgd
    found = []
    tries = gathered.spec.adaptive_restarts
    for k, (name, model) in enumerate((("plain", None), ("adaptive", knowing))):
        own = part(report, k / 2, (k + 1) / 2)
        attacked = evade(
            detector,
            images,
            torch.from_numpy(labels),
            model,
            budget.eps,
            budget.steps,
            tries if model else 0,
            gathered.spec.seed,
            own,
        )
        found.append({"attack": name, **_caught(detector, attacked, labels, clean)})
    return {name: [row[name] for row in found] for name in found[0]}


def _caught(
    detector: Detector, images: torch.Tensor, labels: np.ndarray, clean: np.ndarray
) -> dict[str, float]:
    """How many attacked images fool the classifier, and how well those are told from their twins."""
    seen = detector.each_batch(images, lambda batch: detector.classifier.forward(batch).argmax(1))
    fooled = seen != labels
    rates = {"images": len(images), "fooled": float(fooled.mean())}
    if not fooled.any():
        return rates | {"auc": float("nan"), "detected": float("nan")}
    found = Rates.of(clean[fooled], detector.score(images[torch.from_numpy(fooled)]))
    return rates | {"auc": found.auc, "detected": found.detected_5}


def milliseconds(detector: Detector, gathered: Gathered) -> float:
    """Time of one image, of a batch on this device."""
    index, _ = gathered.spec.select_images(gathered.context)
    images = torch.from_numpy(gathered.spec.pictures(index[:TIMED]))
    detector.score(images)
    began = time.perf_counter()
    detector.score(images)
    return (time.perf_counter() - began) * 1000 / len(images)
