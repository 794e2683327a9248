"""Several modes of a class found, then explored."""

from __future__ import annotations

import numpy as np

from engine.classifiers import load_classifier
from engine.classifiers.classifier import Classifier
from engine.classifiers.labels import class_index
from engine.experiments.base import Context, Findings
from engine.experiments.images.references import lowest_of
from engine.experiments.images.survey import Survey
from engine.experiments.synthesis.computing.exploring import explore
from engine.experiments.synthesis.computing.synthetic import Kind, synthesise
from engine.experiments.synthesis.modes import Modes
from engine.progress import Reporter, part


def compute(spec: Modes, context: Context) -> Findings:
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
    # What this needs takes a second to import, and the first preview shall not wait for it.

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
