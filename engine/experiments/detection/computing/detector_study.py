"""A detector shown the clean images, and made again of what it kept of them."""

from __future__ import annotations

from engine.classifiers import load_classifier
from engine.classifiers.classifier import Classifier
from engine.detectors import DETECTORS
from engine.detectors.base import Detector
from engine.experiments.base import Context, Findings
from engine.experiments.detection.computing.known_images import references_of
from engine.experiments.detection.computing.reference_image import reference_maker
from engine.experiments.detection.parts import Study
from engine.progress import SILENT


def compute(spec: Study, context: Context) -> Findings:
    """What the detector keeps of the clean images."""
    classifier = load_classifier(spec.classifier, context.device)
    detector = DETECTORS[spec.detector](classifier, spec.settings.of(spec.detector), {})
    known = references_of(spec.known(), context)
    return Findings(arrays=detector.study(known, spec.seed, context.report))


def detector_of(spec: Study, classifier: Classifier, context: Context) -> Detector:
    """The detector, not fitted."""

    constants = context.findings_of(spec, SILENT).arrays
    detector = DETECTORS[spec.detector](classifier, spec.settings.of(spec.detector), constants)
    detector.make_reference = reference_maker(spec.classifier, context)
    return detector
