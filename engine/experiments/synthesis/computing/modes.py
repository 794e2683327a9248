"""Modes of a class made: two unlike ones connected, or several explored."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.classifiers import load_classifier
from engine.classifiers.classifier import Classifier
from engine.classifiers.labels import class_index
from engine.experiments.base import Context, Findings
from engine.experiments.images.references import lowest_of
from engine.experiments.images.survey import Survey
from engine.experiments.pair.computing.walk import describe, walk
from engine.experiments.synthesis.computing.exploring import explore
from engine.experiments.synthesis.computing.synthetic import Kind, Synthetic, synthesise
from engine.experiments.synthesis.modes import Manifold, Modes
from engine.progress import Reporter, part


def manifold(spec: Manifold, context: Context) -> Findings:
    """Make both modes; connect them where both converged."""
    report = context.report
    classifier = load_classifier(
        spec.classifier, context.device, part(report, 0, 0.05, "Loading the network")
    )
    target = class_index(spec.label or "0", classifier.classes)
    kinds = [Kind("natural", spec.natural, 1), Kind("pattern", spec.pattern, 1)]
    made = synthesise(classifier, target, kinds, spec.seed, part(report, 0.05, 0.5))
    arrays = {"modes": made.images.numpy()} if spec.keep_pictures else {}
    tables = {"modes": made.rows(), "synthesis": made.trace()}
    about = {
        "target": target,
        "target_name": classifier.classes[target],
        "classes": list(classifier.classes),
        "threshold": spec.connect.threshold,
        "modes": _about(made),
    }
    if not made.converged.all():
        return Findings(arrays, tables, {**about, "connected": False, "status": _failed(made)})
    walked = walk(
        classifier,
        made.images,
        target,
        spec.connect,
        points=spec.points,
        plane_resolution=spec.plane_resolution,
        report=part(report, 0.5, 1),
    )
    more, path_tables, summary = describe(walked, pictures=spec.keep_pictures)
    return Findings(arrays | more, {**tables, **path_tables}, {**about, **summary})


def _about(made: Synthetic) -> list[dict[str, Any]]:
    """Both modes in the summary: loss, probability of the class, whether each is a mode, in words."""
    rows = made.rows()
    return [
        {
            "kind": rows["kind"][k],
            "loss": rows["loss"][k],
            "probability": float(np.exp(-rows["loss"][k])),
            "steps": rows["steps"][k],
            "converged": rows["converged"][k],
            "status": word,
        }
        for k, word in enumerate(made.words)
    ]


def _failed(made: Synthetic) -> str:
    """Why there is no path: which image is no mode, and what to do."""
    wrong = [
        f"{letter} is not a mode ({word.partition(': ')[2]})"
        for letter, word, good in zip("AC", made.words, made.converged, strict=True)
        if not good
    ]
    return (
        f"No path was searched: {' '.join(wrong)} Give it more steps, a smaller penalty or another "
        "objective."
    )


def modes(spec: Modes, context: Context) -> Findings:
    """Find the modes, then connect, map and measure them."""
    report = context.report
    classifier = load_classifier(
        spec.classifier, context.device, part(report, 0, 0.03, "Loading the network")
    )
    target = class_index(spec.label or "0", classifier.classes)
    real = _real(spec, classifier, target, context, part(report, 0.03, 0.1, "Choosing images"))
    kinds = [
        Kind("natural", spec.natural_settings, spec.natural),
        Kind("pattern", spec.pattern_settings, spec.pattern),
    ]
    made = synthesise(classifier, target, kinds, spec.seed, part(report, 0.1, 0.35))
    about = {
        "target": target,
        "target_name": classifier.classes[target],
        "classes": list(classifier.classes),
        "threshold": spec.connect.threshold,
    }
    found = explore(classifier, target, made, real, spec, part(report, 0.35, 1))
    return Findings(found.arrays, found.tables, {**about, **found.summary})


def _real(
    spec: Modes, classifier: Classifier, target: int, context: Context, report: Reporter
) -> tuple[np.ndarray, list[str]]:
    """The class's real images of lowest loss, uint8 (N, H, W, C), and their references."""
    channels, height, width = classifier.input_shape
    if not spec.real:
        return np.empty((0, height, width, channels), np.uint8), []
    survey = context.findings_of(Survey(spec.classifier, spec.dataset, spec.split), report)
    open_places = [""] * spec.real
    data = spec.seen_set()
    references = lowest_of(
        survey.arrays,
        target,
        open_places,
        classifier.classes[target],
        lambda reference: data.batch([int(reference)]),
    )
    return data.batch([int(reference) for reference in references]), references
