"""A real-adversarial pair computed: A, K and C chosen, K attacked, both paths walked, both planes cut."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from engine.classifiers import load_classifier
from engine.classifiers.classifier import Classifier
from engine.errors import ImageError
from engine.experiments.base import Context, Findings
from engine.experiments.pair.computing.attacked import (
    Attacked,
    Source,
    attack_source,
    choose_source,
)
from engine.experiments.pair.computing.choosing import Pair, choose_pair
from engine.experiments.pair.computing.walk import (
    Walk,
    describe,
    farthest_plane,
    plane_arrays,
    walk,
)
from engine.experiments.pair.real_adversarial import RealAdversarial
from engine.paths import Polyline
from engine.planes import loss_plane
from engine.progress import Reporter, part

REAL = "real_"
"""Begins the names of what is recorded of the path from A to C."""

COMPARED = (
    "status",
    "connected",
    "rounds",
    "segments",
    "height_before",
    "gap_before",
    "height_after",
    "gap_after",
)
"""What a summary holds of the path from A to C."""


def real_adversarial(spec: RealAdversarial, context: Context) -> Findings:
    """Everything that a record of a real-adversarial pair holds; what is without planes is stored first."""
    if spec.joined:
        found = context.findings_of(spec.joined, part(context.report, 0, 0.75))
        last = f"nodes_{found.summary['rounds']}"
        path, *others = (found.arrays[name] for name in (last, "source", "adversarial"))
        images = _Images(torch.from_numpy(path), *map(torch.from_numpy, others))
    else:
        found, images = _joined(spec, context)
    planes = _planes(spec, images, found.summary, context)
    return Findings({**found.arrays, **planes}, found.tables, found.summary)


def joined_adversarial(spec: RealAdversarial, context: Context) -> Findings:
    """The attack, both paths and the loss along them."""
    return _joined(spec, context)[0]


@dataclass(frozen=True)
class _Images:
    """What planes are cut through: the nodes of the path from A to K′ (M, C, H, W), K and K′ (C, H, W)."""

    path: torch.Tensor
    source: torch.Tensor
    adversarial: torch.Tensor


def _joined(spec: RealAdversarial, context: Context) -> tuple[Findings, _Images]:
    report = context.report
    classifier = load_classifier(
        spec.classifier, context.device, part(report, 0, 0.05, "Loading the network")
    )
    pair, attacked = _attacked(spec, classifier, context)
    ends = torch.stack([pair.images[0], attacked.image])
    walked = _walk(spec, classifier, ends, pair.target, part(report, 0.4, 0.6), told=True)
    arrays, tables, summary = describe(walked, pictures=spec.keep_pictures)
    summary["real"] = None
    if not pair.alone:
        real = _walk(spec, classifier, pair.images, pair.target, part(report, 0.6, 0.75))
        real_arrays, real_tables, compared = describe(real, REAL, spec.keep_pictures)
        arrays |= real_arrays
        tables |= real_tables
        summary["real"] = {name: compared[name] for name in COMPARED}
    if spec.keep_pictures:
        arrays |= {
            "source": attacked.source.image[0],
            "adversarial": attacked.image.numpy(),
            "attack_pictures": attacked.pictures,
        }
    tables |= {"attack_trace": attacked.trace, "attack_steps": attacked.steps}
    told = _about(spec, pair, attacked, classifier.classes)
    source = torch.from_numpy(attacked.source.image[0])
    images = _Images(walked.paths[-1].nodes.cpu(), source, attacked.image)
    return Findings(arrays, tables, {**told, **summary}), images


def _attacked(
    spec: RealAdversarial, classifier: Classifier, context: Context
) -> tuple[Pair, Attacked]:
    """A and C, and K′: of the class that the spec names, or of the one that K′ lands in."""
    choosing = part(context.report, 0.05, 0.1, "Choosing images")
    attacking = part(context.report, 0.1, 0.4, "Attacking K")
    if spec.targeted or spec.label or spec.first or spec.second:
        pair = choose_pair(spec, classifier, context, choosing, compared=True)
        _check_apart(pair)
        source = choose_source(spec, classifier, context, pair.target, choosing)
        target = pair.target if spec.targeted else None
        attacked = attack_source(spec, classifier, source, target, attacking)
        _check_landing(pair, attacked, classifier.classes)
        return pair, attacked
    source = choose_source(spec, classifier, context, None, choosing)
    attacked = attack_source(spec, classifier, source, None, attacking)
    pair = choose_pair(spec, classifier, context, choosing, attacked.seen, compared=True)
    return pair, attacked


def _check_apart(pair: Pair) -> None:
    if not pair.alone and torch.equal(pair.images[0], pair.images[1]):
        raise ImageError(
            f"A and C are the same image ({pair.sources[0]}), so there is no real pair to compare "
            "with. Choose two different ones of one class."
        )


def _check_landing(pair: Pair, attacked: Attacked, classes: tuple[str, ...]) -> None:
    if attacked.seen != pair.target:
        raise ImageError(
            f"The attack took K to {classes[attacked.seen]!r}, and A is of the class "
            f"{classes[pair.target]!r}: a path of low loss joins images of one class. Leave A, C and "
            "their class open, so that they follow K′, or attack towards A's class (targeted)."
        )


def _walk(
    spec: RealAdversarial,
    classifier: Classifier,
    ends: torch.Tensor,
    target: int,
    report: Reporter,
    told: bool = False,
) -> Walk:
    return walk(
        classifier,
        ends,
        target,
        spec.connect,
        points=spec.points,
        plane_resolution=0,
        report=report,
        tolerance=spec.tolerance,
        told=told,
    )


def _planes(
    spec: RealAdversarial, images: _Images, summary: dict[str, Any], context: Context
) -> dict[str, np.ndarray]:
    """The plane through A, K′ and the new node that lies farthest off their line, and that of the attack.

    The latter goes through A, K and K′, with A as its origin and K′ on its x axis.
    """
    side, target = spec.plane_resolution, summary["target"]
    if not side:
        return {}
    classifier, report = load_classifier(spec.classifier, context.device), context.report
    stage = f"Loss plane\n{summary['status']}" if spec.connect.rounds else "Loss plane"
    path = Polyline(images.path)
    bent = farthest_plane(classifier, path, target, side, part(report, 0.75, 0.9, stage))
    arrays = plane_arrays(bent, images.path) if bent else {}
    first, source, adversarial = images.path[0], images.source, images.adversarial
    last = part(report, 0.9, 1, stage)
    try:
        plane = loss_plane(
            classifier, first, source, adversarial, target, side, report=last, free=True
        )
    except ImageError:
        return arrays  # K and K′ lie on one line with A to rounding, so there is no plane to show
    corners = torch.stack([first, source, adversarial])
    return arrays | plane_arrays(plane, corners, "attack_")


def _about(
    spec: RealAdversarial, pair: Pair, attacked: Attacked, classes: tuple[str, ...]
) -> dict[str, Any]:
    return {
        **pair.about(classes),
        "source": _source(attacked.source, classes),
        "attack": {
            "name": spec.attack.method,
            "targeted": spec.targeted,
            "apart": _distance(pair.images[0].numpy(), attacked.source.image[0]),
            **attacked.numbers,
        },
    }


def _distance(one: np.ndarray, other: np.ndarray) -> float:
    """The Euclidean distance of two images, in units of the pixel range."""
    return float(np.sqrt(np.square(one - other, dtype=np.float64).sum()))


def _source(source: Source, classes: tuple[str, ...]) -> dict[str, Any]:
    return {
        "source": source.reference,
        "prediction": source.seen,
        "class": classes[source.seen],
        "loss": source.loss,
        "probability": float(np.exp(-source.loss)),
    }
