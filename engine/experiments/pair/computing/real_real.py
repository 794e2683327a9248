"""A real-real pair computed: chosen, connected, walked."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.classifiers import load_classifier
from engine.experiments.base import Context, Findings
from engine.experiments.pair.computing.choosing import Pair, choose_pair
from engine.experiments.pair.computing.walk import describe, walk
from engine.experiments.pair.real_real import RealReal
from engine.progress import part


def compute(spec: RealReal, context: Context) -> Findings:
    """Everything that the record of a pair holds."""
    report = context.report
    classifier = load_classifier(
        spec.classifier, context.device, part(report, 0, 0.05, "Loading the network")
    )
    pair = choose_pair(spec, classifier, context, part(report, 0.05, 0.1, "Choosing images"))
    walked = walk(
        classifier,
        pair.images,
        pair.target,
        spec.connect,
        points=spec.points,
        plane_resolution=spec.plane_resolution,
        report=part(report, 0.1, 1),
    )
    arrays, tables, summary = describe(walked)
    return Findings(arrays, tables, {**_about(pair, classifier.classes), **summary})


def _about(pair: Pair, classes: tuple[str, ...]) -> dict[str, Any]:
    ends = (
        {"source": source, "loss": float(loss), "probability": float(np.exp(-loss))}
        for source, loss in zip(pair.sources, pair.losses, strict=True)
    )
    return {
        "target": pair.target,
        "target_name": classes[pair.target],
        "classes": list(classes),
        "first": next(ends),
        "second": next(ends),
    }
