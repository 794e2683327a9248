"""A real-adversarial pair computed: A, K and C chosen, K attacked, both paths walked, both planes cut."""

from __future__ import annotations

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
from engine.experiments.pair.computing.walk import Walk, describe, plane_arrays, walk
from engine.experiments.pair.real_adversarial import RealAdversarial
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
    """Everything that a record of a real-adversarial pair holds."""
    report = context.report
    classifier = load_classifier(
        spec.classifier, context.device, part(report, 0, 0.05, "Loading the network")
    )
    pair, attacked = _attacked(spec, classifier, context)
    ends = torch.stack([pair.images[0], attacked.image])
    walked = _walk(spec, classifier, ends, pair.target, spec.plane_resolution, (0.4, 0.7), report)
    arrays, tables, summary = describe(walked, pictures=spec.keep_pictures)
    summary["real"] = None
    if not pair.alone:
        real = _walk(spec, classifier, pair.images, pair.target, 0, (0.7, 0.9), report)
        real_arrays, real_tables, compared = describe(real, REAL, spec.keep_pictures)
        arrays |= real_arrays
        tables |= real_tables
        summary["real"] = {name: compared[name] for name in COMPARED}
    arrays |= _attack_plane(spec, classifier, pair, attacked, part(report, 0.9, 1, "Loss plane"))
    if spec.keep_pictures:
        arrays |= {
            "source": attacked.source.image[0],
            "adversarial": attacked.image.numpy(),
            "attack_pictures": attacked.pictures,
        }
    tables |= {"attack_trace": attacked.trace, "attack_steps": attacked.steps}
    told = _about(spec, pair, attacked, classifier.classes)
    return Findings(arrays, tables, {**told, **summary})


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
    resolution: int,
    share: tuple[float, float],
    report: Reporter,
) -> Walk:
    return walk(
        classifier,
        ends,
        target,
        spec.connect,
        points=spec.points,
        plane_resolution=resolution,
        report=part(report, *share),
        tolerance=spec.tolerance,
        told=bool(resolution),
    )


def _attack_plane(
    spec: RealAdversarial,
    classifier: Classifier,
    pair: Pair,
    attacked: Attacked,
    report: Reporter,
) -> dict[str, np.ndarray]:
    """The plane through A, K and K′, with A as its origin and K′ on its x axis."""
    if not spec.plane_resolution:
        return {}
    corners = torch.stack(
        [pair.images[0], torch.from_numpy(attacked.source.image[0]), attacked.image]
    )
    try:
        plane = loss_plane(
            classifier,
            corners[0],
            corners[1],
            corners[2],
            pair.target,
            spec.plane_resolution,
            report=report,
            free=True,
        )
    except ImageError:
        return {}  # K and K′ lie on one line with A to rounding, so there is no plane to show
    return plane_arrays(plane, corners, "attack_")


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
