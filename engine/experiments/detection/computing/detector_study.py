"""A detector shown the clean images, and made again of what it kept of them."""

from __future__ import annotations

from engine.classifiers import load_classifier
from engine.classifiers.classifier import Classifier
from engine.detectors import DETECTORS
from engine.detectors.base import Detector
from engine.experiments.base import Context, Findings
from engine.experiments.detection.computing.known_images import references_of
from engine.experiments.detection.computing.reference_image import reference_maker
from engine.experiments.detection.detector_study import Study
from engine.progress import SILENT


def compute(spec: Study, context: Context) -> Findings:
    """What the detector keeps of the clean images."""
    classifier = load_classifier(spec.classifier, context.device)
    constants = DETECTORS[spec.detector].study(
        classifier,
        references_of(spec.known(), context),
        spec.settings.of(spec.detector),
        spec.seed,
        context.report,
    )
    return Findings(arrays=constants)


def detector_of(spec: Study, classifier: Classifier, context: Context) -> Detector:
    """The detector, not fitted."""

    constants = context.findings_of(spec, SILENT).arrays
    detector = DETECTORS[spec.detector](classifier, spec.settings.of(spec.detector), constants)
    detector.make_reference = reference_maker(spec.classifier, context)
    return detector
