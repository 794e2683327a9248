"""A verdict computed: what every detector of a benchmark says of some images, and what speaks against it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from engine.classifiers import cards, load_classifier
from engine.classifiers.classifier import Classifier
from engine.detectors.base import Detector
from engine.detectors.connectivity import ModeConnectivity
from engine.detectors.detecting import load_detector
from engine.experiments.base import Columns, Context, Findings
from engine.experiments.detection.computing.known_images import strangeness
from engine.experiments.detection.contestants import CONTESTANTS
from engine.experiments.detection.verdict import Verdict
from engine.experiments.images.references import pixels_of
from engine.progress import SILENT, Reporter, part

NEAREST = 5
"""Clean training images shown beside each image."""


UNSURE = 0.6
"""Probability of the predicted class below which the classifier itself is in doubt."""


def compute(spec: Verdict, context: Context) -> Findings:
    """Ask every detector about every image."""
    of = spec.benchmark
    classifier = load_classifier(of.classifier, context.device)
    pixels = np.concatenate([pixels_of(of, one, classifier, context) for one in spec.images])
    images = torch.from_numpy(pixels)
    detectors = _detectors(spec, classifier, context)
    features = _features(detectors, images, context.report)
    opinions = {name: Opinion.of(detector, features[name]) for name, detector in detectors.items()}
    known = context.findings_of(of.known(), SILENT).arrays
    with torch.inference_mode():
        logits = detectors[spec.decider].each_batch(images, classifier)
    return Findings(
        arrays={
            "images": pixels,
            "logits": logits,
            **_curves(spec, detectors, features, context),
        },
        tables={
            "verdicts": {
                "image": np.arange(len(images)),
                "reference": list(spec.images),
                **_seen(logits, classifier.classes),
                "score": opinions[spec.decider].scores,
                "false_alarm": opinions[spec.decider].alarms,
                "attack": opinions[spec.decider].alarms <= spec.false_alarms,
                "doubts": _doubts(spec, pixels, logits, known["looks"], context),
            },
            "opinions": _opinions(opinions, spec.false_alarms),
            "nearest": _nearest(logits, known, classifier.classes),
        },
        summary={
            "classes": list(classifier.classes),
            "decider": spec.decider,
            "attacks": int((opinions[spec.decider].alarms <= spec.false_alarms).sum()),
            "images": len(pixels),
        },
    )


def _detectors(spec: Verdict, classifier: Classifier, context: Context) -> dict[str, Detector]:
    """The fitted detectors of the benchmark."""

    detectors = {}
    for judgement in spec.benchmark.judgements():
        found = context.findings_of(judgement, part(context.report, 0, 0, judgement.name))
        prefix = "fitted/"
        arrays = {
            name.removeprefix(prefix): found.arrays[name]
            for name in found.arrays
            if name.startswith(prefix)
        }
        detectors[judgement.name] = load_detector(classifier, arrays, found.summary["fitted"])
    return detectors


def _curves(
    spec: Verdict, detectors: dict[str, Detector], features: dict[str, np.ndarray], context: Context
) -> dict[str, np.ndarray]:
    """Loss curves (N, points) to the reference of the predicted class, and the benchmark's bands."""

    paper = detectors.get("mode-connectivity")
    if not isinstance(paper, ModeConnectivity):
        return {}
    judgement = next(one for one in spec.benchmark.judgements() if one.name == paper.name)
    found = context.findings_of(judgement, SILENT).arrays
    curves, _ = paper.parts(features[paper.name])
    return {
        "curves": curves[:, 0],
        "curve_bands": found["bands/curve"],
        "logit_bands": found["bands/logits"],
    }


def _doubts(
    spec: Verdict, pixels: np.ndarray, logits: np.ndarray, known: np.ndarray, context: Context
) -> list[str]:
    """Why each verdict should be taken with care; empty where nothing speaks against it."""
    _, height, width = cards.card(spec.benchmark.classifier).input_shape
    strange = strangeness(pixels, known)
    doubts = []
    for k, reference in enumerate(spec.images):
        words = []
        scheme, _, digest = reference.partition(":")
        if scheme == "upload":
            rows, columns = context.uploaded(digest).shape[:2]
            if (rows, columns) != (height, width):
                words.append(
                    f"It was {columns} × {rows} pixels and has been resized to {width} × {height}: "
                    "resizing wipes out much of what an attack leaves."
                )
        probability = _softmax(logits[k]).max()
        if probability < UNSURE:
            words.append(f"The classifier itself is unsure: it gives its class {probability:.0%}.")
        if strange[k]:
            words.append(
                f"It is unlike the images that the detectors know: {' and '.join(strange[k])} "
                "out of their range."
            )
        doubts.append(" ".join(words))
    return doubts


@dataclass(frozen=True)
class Opinion:
    """What one detector says: scores (N,), and the share of clean images with as high a one (N,)."""

    title: str
    scores: np.ndarray
    alarms: np.ndarray

    @classmethod
    def of(cls, detector: Detector, features: np.ndarray) -> Opinion:
        """Its opinion on features (N, F)."""
        scores = detector.score_features(features)
        return cls(detector.title, scores, detector.false_positive_rate(scores))


def _features(
    detectors: dict[str, Detector], images: torch.Tensor, report: Reporter
) -> dict[str, np.ndarray]:
    """Features (N, F) of every detector; those that variants have in common are made once."""
    # A detector that begins with another one goes first, and the other one takes its part.
    order = sorted(detectors, key=lambda name: not detectors[name].begins_with)
    made: dict[str, np.ndarray] = {}
    found = {}
    for k, name in enumerate(order):
        detector = detectors[name]
        common = detector.name if detector.late_variant else name
        if common not in made:
            own = part(report, k / len(order), (k + 1) / len(order), name)
            made[common] = detector.features(images, report=own)
            if detector.begins_with in detectors:
                width = detectors[detector.begins_with].width
                made[detector.begins_with] = made[common][:, :width]
        found[name] = made[common]
    return {name: found[name] for name in detectors}


def _opinions(opinions: dict[str, Opinion], level: float) -> Columns:
    """One row for each detector and image."""
    count = len(next(iter(opinions.values())).scores)
    return {
        "image": np.tile(np.arange(count), len(opinions)),
        "detector": np.repeat(list(opinions), count),
        "title": np.repeat([CONTESTANTS[name].title for name in opinions], count),
        "score": np.concatenate([one.scores for one in opinions.values()]),
        "false_alarm": np.concatenate([one.alarms for one in opinions.values()]),
        "attack": np.concatenate([one.alarms <= level for one in opinions.values()]),
    }


def _seen(logits: np.ndarray, classes: tuple[str, ...]) -> Columns:
    """What the classifier sees in each image, and how sure it is."""
    best = logits.argmax(1)
    return {
        "prediction": best,
        "class": [classes[k] for k in best],
        "probability": [float(_softmax(row).max()) for row in logits],
    }


def _nearest(logits: np.ndarray, known: dict[str, np.ndarray], classes: tuple[str, ...]) -> Columns:
    """The known images whose logits are nearest to those of each image."""
    apart = np.linalg.norm(logits[:, None] - known["logits"][None], axis=2)
    order = np.argsort(apart, axis=1, kind="stable")[:, :NEAREST]
    count, rank = order.shape
    return {
        "image": np.repeat(np.arange(count), rank),
        "rank": np.tile(np.arange(1, rank + 1), count),
        "index": known["index"][order].ravel(),
        "class": [classes[k] for k in known["label"][order].ravel()],
        "distance": np.take_along_axis(apart, order, axis=1).ravel(),
    }


def _softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max())
    odds: np.ndarray = powers / powers.sum()
    return odds
