"""Parts of a benchmark of detectors: what a detector keeps of the references, and features of images."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np

from engine.attacks.settings import AttackSettings
from engine.detectors.settings import DetectorName, DetectorSettings
from engine.experiments.attacked_shard import SHARD, AttackedShard, BenchmarkSpec
from engine.experiments.base import Context, Findings
from engine.experiments.known import Known, KnownSpec
from engine.parameters import Parameter, fields_of, without
from engine.progress import SILENT, Reporter
from engine.random import generator

if TYPE_CHECKING:
    from engine.classifiers.classifier import Classifier
    from engine.detectors.base import Detector

Sample = Literal["clean", "attacked", "rounded", "wrong", "noisy"]
"""Correctly classified clean images; those attacked, as they are and with 8 bits a value; clean ones
that are misclassified; and clean ones with uniform noise."""

ATTACKED = ("attacked", "rounded")
"""The samples that an attack has made."""

NOISE = 0.03
"""Largest change of a pixel by the noise of noisy images: that of FGSM, BIM and PGD."""


@dataclass(frozen=True)
class DetectorSpec(KnownSpec):
    """One detector of a benchmark."""

    detector: Annotated[DetectorName, Parameter("Detector.")] = "mode-connectivity"
    settings: Annotated[DetectorSettings, Parameter("Settings of the detectors.")] = field(
        default_factory=DetectorSettings
    )

    def relevant(self) -> dict[str, Any]:
        """With the settings of its own detector."""
        return {**super().relevant(), "settings": self.settings.relevant_to([self.detector])}


@dataclass(frozen=True)
class Study(DetectorSpec):
    """What a detector keeps of the references. A benchmark makes these."""

    kind: ClassVar[str] = "detector-study"
    title: ClassVar[str] = "What a detector keeps of clean images"
    revision: ClassVar[int] = 1

    def compute(self, context: Context) -> Findings:
        from engine.classifiers import load_classifier
        from engine.detectors.detecting import DETECTORS

        classifier = load_classifier(self.classifier, context.device)
        constants = DETECTORS[self.detector].study(
            classifier,
            self.known().images(context),
            self.settings.of(self.detector),
            self.seed,
            context.report,
        )
        return Findings(arrays=constants)

    def made(self, classifier: Classifier, context: Context) -> Detector:
        """The detector, not fitted."""
        from engine.detectors.detecting import DETECTORS

        constants = context.findings_of(self, SILENT).arrays
        return DETECTORS[self.detector](classifier, self.settings.of(self.detector), constants)

    def known(self) -> Known:
        """The clean images that it is given."""
        return Known(**{one.name: getattr(self, one.name) for one in fields_of(KnownSpec)})


@dataclass(frozen=True)
class FeatureShard(DetectorSpec):
    """Features of some images. A benchmark makes these; there is no need to run one by hand."""

    kind: ClassVar[str] = "feature-shard"
    title: ClassVar[str] = "Part of a benchmark's features"
    revision: ClassVar[int] = 1

    sample: Annotated[Sample, Parameter("Which images.")] = "clean"
    attack: Annotated[AttackSettings, Parameter("The attack.")] = field(
        default_factory=lambda: AttackSettings(method="fgsm")
    )
    first: Annotated[int, Parameter("Number of its first image.", low=0)] = 0
    count: Annotated[int, Parameter("Images in it.", unit="images", low=1, high=SHARD)] = SHARD

    def relevant(self) -> dict[str, Any]:
        """Without the attack where the images are not attacked."""
        values = super().relevant()
        return values if self.sample in ATTACKED else without(values, "attack")

    def compute(self, context: Context) -> Findings:
        return self.measure(context, context.report)

    def measure(self, context: Context, report: Reporter) -> Findings:
        """The features, and what the classifier sees."""
        import torch

        from engine.classifiers import load_classifier

        classifier = load_classifier(self.classifier, context.device)
        images, company = (torch.from_numpy(part) for part in self.images(context))
        if not len(images):  # fewer images are misclassified than not
            return Findings(arrays={"features": np.empty((0, 0)), "prediction": np.empty(0, int)})
        study = Study(**{one.name: getattr(self, one.name) for one in fields_of(DetectorSpec)})
        detector = study.made(classifier, context)
        features = detector.features(images, company, report)
        with torch.inference_mode():
            prediction = detector.each_batch(
                images, lambda batch: classifier.forward(batch).argmax(1)
            )
        return Findings(
            arrays={"features": features, "prediction": prediction.astype(np.int64)},
            summary={"images": len(features)},
        )

    def images(self, context: Context) -> tuple[np.ndarray, np.ndarray]:
        """The images of this part and the clean ones of its minibatch, float32 (n, C, H, W)."""
        span = slice(self.first, self.first + self.count)
        clean = self.pictures(self.seen(context)[0][span])
        if self.sample in ATTACKED:
            attacked = context.findings_of(self.attacked(), SILENT).arrays["images"]
            return (rounded(attacked) if self.sample == "rounded" else attacked), clean
        if self.sample == "wrong":
            return self.pictures(self.seen(context, rightly=False)[0][span]), clean
        if self.sample == "noisy":
            return self._noisy(clean), clean
        return clean, clean

    def attacked(self) -> AttackedShard:
        """The part that attacks these images."""
        values: dict[str, Any] = {f.name: getattr(self, f.name) for f in fields_of(BenchmarkSpec)}
        return AttackedShard(**values, attack=self.attack, first=self.first, count=self.count)

    def _noisy(self, clean: np.ndarray) -> np.ndarray:
        draws = generator(self.seed, f"noise/{self.first}")
        noise = draws.uniform(-NOISE, NOISE, clean.shape).astype(np.float32)
        return rounded(np.clip(clean + noise, 0, 1))


def rounded(pixels: np.ndarray) -> np.ndarray:
    """Pixels as an 8-bit file keeps them, float32 (n, C, H, W)."""
    from engine.images import to_bytes, to_pixels

    return to_pixels(to_bytes(pixels))
