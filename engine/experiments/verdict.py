"""The verdict on an image: is it an attack, how sure is that, and why (the detector of a benchmark at work)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np

from engine.classifiers import cards
from engine.errors import DataError, ImageError, ParameterError
from engine.experiments.base import Columns, Context, Findings, Spec
from engine.experiments.detection import Detection
from engine.experiments.known import Known, looks, strangeness
from engine.experiments.pairs import image_digest, pixels_of
from engine.parameters import Parameter
from engine.progress import SILENT, Reporter, part

if TYPE_CHECKING:
    import torch

    from engine.classifiers.classifier import Classifier
    from engine.detectors.base import Detector

NEAREST = 5
"""Clean training images shown beside each image."""

UNSURE = 0.6
"""Probability of the predicted class below which the classifier itself is in doubt."""

MOST = 200
"""Images of one verdict at most."""


@dataclass(frozen=True)
class Verdict(Spec):
    """Whether images are attacks on a classifier, by detectors that a benchmark fitted."""

    kind: ClassVar[str] = "verdict"
    title: ClassVar[str] = "Verdict"

    benchmark: Annotated[Detection, Parameter("The benchmark whose detectors judge.")] = field(
        default_factory=Detection
    )
    images: Annotated[
        str,
        Parameter(
            "Images, separated by spaces: index in the image set, file:PATH or upload:DIGEST.",
            label="Images",
        ),
    ] = "0"
    false_alarms: Annotated[
        float,
        Parameter(
            "Share of clean images that may be taken as attacked.", low=0.005, high=0.5
        ),
    ] = 0.05

    def check(self) -> None:
        count = len(self.references)
        if not 1 <= count <= MOST:
            raise ParameterError(f"images: expected 1 to {MOST} images, got {count}.")

    @property
    def references(self) -> list[str]:
        """What names each image."""
        return self.images.split()

    def fetch(self, report: Reporter) -> None:
        self.benchmark.fetch(report)

    def digests(self) -> dict[str, str]:
        of = self.benchmark
        images = {
            f"image {k}": digest
            for k, reference in enumerate(self.references)
            if (digest := image_digest(reference, of.dataset, of.split))
        }
        return {**of.digests(), **images}

    def compute(self, context: Context) -> Findings:
        import torch

        from engine.classifiers import load_classifier

        of = self.benchmark
        classifier = load_classifier(of.classifier, context.device)
        pixels = np.concatenate(
            [pixels_of(of, one, classifier, context) for one in self.references]
        )
        images = torch.from_numpy(pixels)
        detectors = self._detectors(classifier, context)
        scores, alarms = {}, {}
        for k, (name, detector) in enumerate(detectors.items()):
            report = part(context.report, k / len(detectors), (k + 1) / len(detectors), name)
            scores[name] = detector.score(images, report)
            alarms[name] = detector.false_alarms(scores[name])
        known = context.findings_of(of.known(), SILENT)
        with torch.inference_mode():
            logits = detectors[self.decider].each_batch(images, classifier)
        sizes = [self._size(one, context) for one in self.references]
        return Findings(
            arrays={
                "images": pixels,
                "logits": logits,
                **self._curves(detectors, images, logits, context),
            },
            tables={
                "verdicts": self._verdicts(logits, scores, alarms, pixels, known, sizes),
                "opinions": _opinions(scores, alarms),
                "nearest": _nearest(logits, known),
            },
            summary={
                "classes": list(classifier.classes),
                "decider": self.decider,
                "attacks": int((alarms[self.decider] <= self.false_alarms).sum()),
                "images": len(pixels),
            },
        )

    @property
    def decider(self) -> str:
        """The contestant whose score is the verdict."""
        names = self.benchmark.contestants
        return next((name for name in ("ensemble", "short-paths") if name in names), names[0])

    def _detectors(self, classifier: Classifier, context: Context) -> dict[str, Detector]:
        """The fitted detectors of the benchmark."""
        from engine.detectors.detecting import load_detector

        detectors = {}
        for judgement in self.benchmark.judgements():
            found = context.findings_of(judgement, part(context.report, 0, 0, judgement.name))
            prefix = "fitted/"
            arrays = {
                name.removeprefix(prefix): found.arrays[name]
                for name in found.arrays
                if name.startswith(prefix)
            }
            detectors[judgement.name] = load_detector(classifier, arrays, found.summary["fitted"])
        return detectors
