"""A verdict computed: what every detector of a benchmark says of some images, and what speaks against it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from scipy.special import logit
from torch.nn.functional import adaptive_avg_pool2d

from engine.attacks import ATTACKS
from engine.attacks.attacking import attack as attack_images
from engine.batches import narrow
from engine.classifiers.classifier import Classifier
from engine.detectors.base import Detector, under
from engine.detectors.connectivity import ModeConnectivity
from engine.detectors.sharing import layers_of, logits_of, sharing
from engine.detectors.short_paths import ShortPaths
from engine.experiments.base import Columns, Context, Findings
from engine.experiments.detection.computing.detection import findings_kept, fitted, network
from engine.experiments.detection.computing.doubting import doubts, objections
from engine.experiments.detection.computing.world import Measures, World, measure, outside
from engine.experiments.detection.contestants import CONTESTANTS
from engine.experiments.detection.detection import Detection
from engine.experiments.detection.verdict import Verdict
from engine.experiments.images.references import pixels_of
from engine.images import to_bytes
from engine.progress import Reporter, part

SIDE = 64
"""Pixels a side at most of the pictures of points on short paths."""

NEAREST = 5
"""Clean training images shown beside each image."""


def verdict(spec: Verdict, context: Context) -> Findings:
    """Ask every detector about every image."""
    of = spec.benchmark
    classifier = network(of.classifier, context)
    pixels = np.concatenate([_pixels(of, one, classifier, context) for one in spec.images])
    images = torch.from_numpy(pixels)
    detectors = {one.name: fitted(one, context) for one in of.judgements()}
    known = findings_kept(of.known(), context).arrays
    looks = [
        _look(detectors, block, under("world/", known), part(context.report, *span))
        for block, span in _blocks(images, detectors[spec.decider].lanes)
    ]
    features = {name: np.concatenate([one.features[name] for one in looks]) for name in detectors}
    opinions = {name: Opinion.of(detector, features[name]) for name, detector in detectors.items()}
    logits = np.concatenate([one.logits for one in looks])
    attack = opinions[spec.decider].alarms <= spec.false_alarms
    far = {name: np.concatenate([one.far[name] for one in looks]) for name in looks[0].far}
    beyond = objections(spec, outside(far, under("usual/", known)), attack, context)
    points, seen_there = _points(detectors[spec.decider], looks)
    parts, reasons = _parts(spec, detectors[spec.decider], features[spec.decider], context)
    return Findings(
        arrays={
            "images": pixels,
            "logits": logits,
            **_curves(spec, detectors, features, context),
            **parts,
            **points,
        },
        tables={
            **seen_there,
            "verdicts": {
                "image": np.arange(len(images)),
                "reference": list(spec.images),
                **_seen(logits, classifier.classes),
                "score": opinions[spec.decider].scores,
                "false_alarm": opinions[spec.decider].alarms,
                "attack": attack,
                "beyond": beyond,
                "doubts": [doubts(of, one, context) for one in spec.images],
            },
            "opinions": _opinions(opinions, spec.false_alarms),
            "nearest": _nearest(logits, known, classifier.classes),
        },
        summary={
            "classes": list(classifier.classes),
            "decider": spec.decider,
            "attacks": sum(
                called and not words for called, words in zip(attack, beyond, strict=True)
            ),
            "unjudged": sum(map(bool, beyond)),
            "images": len(pixels),
            **reasons,
        },
    )


def _pixels(of: Detection, reference: str, classifier: Classifier, context: Context) -> np.ndarray:
    """The image behind a reference, float32 (1, C, H, W); attacked, as a file keeps it, where it says so."""
    name, _, index = reference.partition(":")
    if name not in ATTACKS:
        return pixels_of(of, reference, classifier, context)
    clean = pixels_of(of, index, classifier, context)
    with torch.inference_mode():
        seen = classifier(torch.from_numpy(clean).to(classifier.device)).argmax(1).cpu()
    with narrow():  # one image, and somebody waits
        found = attack_images(
            name,
            classifier,
            clean,
            seen,
            seed=of.seed,
            reproducible=True,
            survive="8-bit",
            settings=of.attack.of(name),
        )
    return found.images.numpy()


def _parts(
    spec: Verdict, decider: Detector, features: np.ndarray, context: Context
) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """What each group of features adds to the score that decides, and where an attack begins.

    Log-odds against the mean clean image: `parts` (N, G) of the images, `part_bands` (2, 3, G) of the
    benchmark's. Nothing where the score is no sum.
    """
    reasons = findings_kept(spec.reasons(), context, part(context.report, 0.9, 1, "Reasons"))
    if not reasons.summary["groups"]:
        return {}, {}
    with np.errstate(divide="ignore"):
        limit = float(logit(decider.threshold(spec.false_alarms)))
    return (
        {
            "parts": decider.score_parts(features) - reasons.arrays["mean"],
            "part_bands": reasons.arrays["bands"],
        },
        {
            "groups": reasons.summary["groups"],
            "limit": limit - reasons.summary["log_odds"],
        },
    )


def _points(
    decider: Detector, looks: list[Look]
) -> tuple[dict[str, np.ndarray], dict[str, Columns]]:
    """The points of the decider's short paths, small uint8 (N, P, H, W, C), and what is seen there."""
    if not isinstance(decider, ShortPaths):
        return {}, {}
    small = [_small_points(decider, one) for one in looks]
    there = {
        path: torch.cat([one.responses[path] for one in looks]).cpu().numpy()
        for path in looks[0].responses
        if path
    }
    seen = [_seen(own, decider.classifier.classes) for own in there.values()]
    count = sum(len(one.images) for one in looks)
    return {"points": np.concatenate(small)}, {
        "responses": {
            "image": np.tile(np.arange(count), len(seen)),
            "path": np.repeat([*there], count),
            **{name: np.concatenate([own[name] for own in seen]) for name in seen[0]},
        }
    }


def _small_points(decider: ShortPaths, look: Look) -> np.ndarray:
    """The points of some images' short paths, small uint8 (n, P, H, W, C)."""
    logits = look.responses[""]
    shrink = min(1, SIDE / max(look.images.shape[2:]))
    height, width = (max(1, round(shrink * side)) for side in look.images.shape[2:])
    with torch.inference_mode():
        order = logits.argsort(dim=1, descending=True)
        points = decider.points(look.images.to(logits.device), order)
        small = [
            adaptive_avg_pool2d(point, (height, width)).cpu().numpy() for point in points.values()
        ]
    return to_bytes(np.stack(small, 1))


def _curves(
    spec: Verdict, detectors: dict[str, Detector], features: dict[str, np.ndarray], context: Context
) -> dict[str, np.ndarray]:
    """Loss curves (N, points) to the reference of the predicted class, and the benchmark's bands."""
    paper = detectors.get("mode-connectivity")
    if not isinstance(paper, ModeConnectivity):
        return {}
    judgement = next(one for one in spec.benchmark.judgements() if one.name == paper.name)
    found = findings_kept(judgement, context).arrays
    curves, _ = paper.parts(features[paper.name])
    return {
        "curves": curves[:, 0],
        "curve_bands": found["bands/curve"],
        "logit_bands": found["bands/logits"],
    }


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


@dataclass(frozen=True)
class Look:
    """What is seen of some images (n, C, H, W): features (n, F) by detector, logits (n, K), how far out.

    `responses` are logits (n, K) of the points of their short paths, by name, and "" for themselves; empty
    where no detector goes there.
    """

    images: torch.Tensor
    features: dict[str, np.ndarray]
    logits: np.ndarray
    far: Measures
    responses: dict[str, torch.Tensor]


def _blocks(images: torch.Tensor, size: int) -> Iterator[tuple[torch.Tensor, tuple[float, float]]]:
    """As many images as there are lanes at a time, and which share of all work they are."""
    for begin in range(0, len(images), size):
        block = images[begin : begin + size]
        yield block, (begin / len(images), (begin + len(block)) / len(images))


def _look(
    detectors: dict[str, Detector], images: torch.Tensor, world: World, report: Reporter
) -> Look:
    """Look at images, at each point once for all detectors."""
    classifier = next(iter(detectors.values())).classifier
    with sharing():
        with torch.inference_mode():
            own = images.to(classifier.device)
            if any(detector.looks_at_layers for detector in detectors.values()):
                layers_of(classifier, own, torch.clone, last=0)  # that pass tells the logits too
            logits = logits_of(classifier, own).cpu().numpy()
        features, responses = _features(detectors, images, report)
        return Look(images, features, logits, measure(classifier, images, world), responses)


def _features(
    detectors: dict[str, Detector], images: torch.Tensor, report: Reporter
) -> tuple[dict[str, np.ndarray], dict[str, torch.Tensor]]:
    """Features (n, F) of every detector, and the responses to short paths where one looks at them.

    What variants have in common is made once.
    """
    # A detector that begins with another one goes first, and the other one takes its part.
    order = sorted(detectors, key=lambda name: not detectors[name].begins_with)
    made: dict[str, np.ndarray] = {}
    responses: dict[str, torch.Tensor] = {}
    found = {}
    for k, name in enumerate(order):
        detector = detectors[name]
        common = detector.name if detector.late_variant else name
        if common not in made:
            own = part(report, k / len(order), (k + 1) / len(order), name)
            if isinstance(detector, ShortPaths):
                responses = detector.responses(images, own)
                made[common] = detector.told(images, responses)
            else:
                made[common] = detector.telling_features(images, own)
            if detector.begins_with in detectors:
                width = detectors[detector.begins_with].width
                made[detector.begins_with] = made[common][:, :width]
        found[name] = made[common]
    return {name: found[name] for name in detectors}, responses


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
    return powers / powers.sum()
