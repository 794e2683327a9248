"""A real-real pair computed: chosen, connected, walked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from engine.classifiers import load_classifier
from engine.experiments.base import Context, Findings
from engine.experiments.pair.computing.choosing import Pair, choose_pair
from engine.experiments.pair.computing.walk import describe, walk
from engine.experiments.pair.real_real import RealReal
from engine.progress import Reporter, part


def compute(spec: RealReal, context: Context) -> Findings:
    """Everything that the record of a pair holds."""
    report = context.report
    classifier = load_classifier(
        spec.classifier, context.device, part(report, 0, 0.05, "Loading the network")
    )
    choosing = part(report, 0.05, 0.1, "Choosing images")
    pair = choose_pair(_named(spec, context, choosing), classifier, context, choosing)
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


def _named(spec: RealReal, context: Context, report: Reporter) -> RealReal:
    """The spec with the two images that are looked for where it names none."""
    if spec.barrier_pair is None:
        return spec
    found = context.findings_of(spec.barrier_pair, report).summary
    return replace(spec, first=found["first"], second=found["second"])


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
