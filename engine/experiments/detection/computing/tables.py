"""What a judgement tells, as tables: rates, ROC curves, scores, false positives, bands of curves, cost."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import torch

from engine.detectors.base import Detector
from engine.detectors.connectivity import ModeConnectivity
from engine.detectors.evading import evade, knowledge
from engine.experiments.base import Columns, columns
from engine.experiments.detection.computing.gathering import Gathered
from engine.experiments.detection.computing.judging import ALL, CURVE, Judged, Rates, Samples, Split
from engine.experiments.detection.protocol import NEGATIVES
from engine.progress import Reporter, part

ALARM = 0.05
"""False-positive rate at which those are counted."""

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


def negatives_of(detector: Detector, gathered: Gathered, split: Split) -> Columns:
    """How often the detector that is kept takes clean images for attacked, at 5 % of ordinary ones."""
    clean = detector.score_features(gathered.clean[split.testing])
    threshold = np.quantile(clean, 1 - ALARM, method="higher")
    samples = {kind: features for kind in NEGATIVES if len(features := gathered.negatives(kind))}
    return {
        "kind": list(samples),
        "images": [len(features) for features in samples.values()],
        "alarms": [
            float((detector.score_features(features) > threshold).mean())
            for features in samples.values()
        ],
    }


def adaptive_of(
    detector: Detector, gathered: Gathered, kept: Samples, split: Split, report: Reporter
) -> Columns:
    """How the detector that is kept fares against an attack, and against one that knows it."""
    rows = np.flatnonzero(split.testing)[: gathered.spec.adaptive_images]
    if not len(rows):
        return {name: [] for name in ("attack", "images", "fooled", "auc", "detected")}
    index, labels = (array[rows] for array in gathered.spec.select_images(gathered.context))
    images = torch.from_numpy(gathered.spec.pictures(index))
    learning, choosing = (kept.pairs(ALL, side) for side in (split.learning, split.choosing))
    knowing = knowledge(detector, learning, choosing)
    clean = detector.score_features(gathered.clean[rows])
    budget = gathered.spec.attack.pgd
    found = []
    for k, (name, model) in enumerate((("plain", None), ("adaptive", knowing))):
        own = part(report, k / 2, (k + 1) / 2)
        attacked = evade(
            detector, images, torch.from_numpy(labels), model, budget.eps, budget.steps, own
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
