"""The features of a judgement's images, gathered from the parts that they are made in."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from engine.attacks import ATTACKS
from engine.classifiers import load_classifier
from engine.detectors.altering import COPIES, Altered, families_of, heeded
from engine.detectors.base import Detector
from engine.errors import DataError
from engine.experiments.base import Context, Findings
from engine.experiments.detection.computing.judging import Samples
from engine.experiments.detection.computing.parts import detector_of, feature_shard
from engine.experiments.detection.detection import Judgement
from engine.experiments.detection.parts import FeatureShard, Sample, Study
from engine.experiments.detection.protocol import PIXELS
from engine.progress import SILENT, part

FEWEST_PAIRS = 25
"""Successful attacks below which there is nothing to learn from and to test with."""


class Gathered:
    """The features of a judgement's images, read from their parts when they are asked for."""

    def __init__(self, spec: Judgement, context: Context) -> None:
        self.spec, self.context = spec, context
        self._made: dict[tuple[FeatureShard, ...], list[Findings]] = {}
        context.findings_of_all(spec.parts(), part(context.report, 0, 0.1, "Features"))

    @cached_property
    def clean(self) -> np.ndarray:
        """Features (N, F) of the clean images."""
        return self._join(self.spec.feature_shards(self.spec.name, "clean"))[0]

    @cached_property
    def altered(self) -> Altered | None:
        """Altered copies of the clean images that are learnt from; None where they do not count."""
        if not self.detector.learns_altered:
            return None
        features, seen, origin, told = [], [], [], []
        first = 0
        for one in self._find(tuple(self.spec.feature_shards(self.spec.name, "altered"))):
            count = len(one.arrays["features"]) // COPIES
            features.append(self.detector.arrange(one.arrays["features"]))
            seen.append(one.arrays["prediction"])
            origin.append(np.tile(np.arange(first, first + count), COPIES))
            told.append(families_of(count, COPIES))
            first += count
        of = np.concatenate(origin)
        kept = heeded(np.concatenate(seen) == self.labels[of])
        families, halves = (np.concatenate(own)[kept] for own in zip(*told, strict=True))
        return Altered(np.concatenate(features)[kept], of[kept], families, halves)

    @cached_property
    def labels(self) -> np.ndarray:
        """What the clean images show, (N,)."""
        return self.spec.select_images(self.context)[1][: self.spec.images]

    @cached_property
    def left_out(self) -> dict[str, str]:
        """Attacks that too few images fall for, with the reason."""
        return {
            attack: f"{ATTACKS[attack].title} succeeded on {count} images, fewer than {FEWEST_PAIRS}"
            for attack in self.spec.attacks
            if (count := int(self._attack(attack, "attacked")[1].sum())) < FEWEST_PAIRS
        }

    def samples(self, *pixels: str) -> Samples:
        """Clean and attacked images; with several kinds of pixels, an attack's images count for each.

        Of an attack that too few images fall for, or that too few survive in a file, there are none.
        """
        if len(self.clean) < self.spec.images:
            raise DataError(
                f"{self.spec.images:,} images were asked for, and {self.spec.classifier} classifies "
                f"{len(self.clean):,} correctly. Ask for fewer."
            )
        attacked, success, spoilt = {}, {}, {}
        for attack in self.spec.attacks:
            if attack not in self.left_out:
                for kind in pixels:
                    features, errs = self._attack(attack, PIXELS[kind])
                    if errs.sum() >= FEWEST_PAIRS:
                        name = attack if len(pixels) == 1 else f"{attack}/{kind}"
                        attacked[name], success[name] = features, errs
                        if self.spec.altered_attacks and self.detector.learns_altered:
                            spoilt[name] = self._spoilt(attack)
        if not attacked and "float" in pixels:
            raise DataError(
                f"There is nothing to detect: {'; '.join(self.left_out.values())}. Choose stronger "
                "attacks, more images or another classifier."
            )
        return Samples(self.clean, attacked, success, self.altered, spoilt)

    @cached_property
    def detector(self) -> Detector:
        """The detector, not fitted."""
        classifier = load_classifier(self.spec.classifier, self.context.device)
        study = Study(**self.spec.contestant(self.spec.name))
        return detector_of(study, classifier, self.context)

    def _spoilt(self, attack: str) -> Altered:
        """Altered copies of an attack's images, as files keep them, that err as these do."""
        features, seen = self._join(self.spec.feature_shards(self.spec.name, "spoilt", attack))
        _, before = self._join(self.spec.feature_shards(self.spec.name, "rounded", attack))
        kept = np.flatnonzero((seen == before) & (seen != self.labels[: len(seen)]))
        spans = self.spec.spans(attack, "spoilt")
        told = zip(*(families_of(count, 1) for _, count in spans), strict=True)
        families, halves = (np.concatenate(own)[kept] for own in told)
        return Altered(features[kept], kept, families, halves)

    def _attack(self, attack: str, sample: Sample) -> tuple[np.ndarray, np.ndarray]:
        """Features (N, F) of attacked images, zero for those not attacked, and which err (N,)."""
        features, seen = self._join(self.spec.feature_shards(self.spec.name, sample, attack))
        whole = np.zeros_like(self.clean)
        whole[: len(features)] = features
        errs = np.zeros(len(whole), dtype=bool)
        errs[: len(seen)] = seen != self.labels[: len(seen)]
        return whole, errs

    def _join(self, shards: Sequence[FeatureShard]) -> tuple[np.ndarray, np.ndarray]:
        found = self._find(tuple(shards))
        features = [self.detector.arrange(one.arrays["features"]) for one in found]
        return np.concatenate(features), np.concatenate([one.arrays["prediction"] for one in found])

    def others(self, sample: Sample) -> tuple[np.ndarray, np.ndarray]:
        """Features (N, F) of other clean images, and which are classified correctly; N may be 0."""
        shards = self.spec.feature_shards(self.spec.name, sample)
        found = self._find(tuple(shards))
        parts = [self.detector.arrange(one.arrays["features"]) for one in found]
        seen = np.concatenate([np.empty(0, int), *(one.arrays["prediction"] for one in found)])
        correct = sample != "wrong"
        labels = self.spec.select_images(self.context, correct)[1][shards[0].first :][: len(seen)]
        self._made.pop(tuple(shards), None)  # of many kinds, asked for once, and perhaps wide
        return np.concatenate([np.empty((0, self.clean.shape[1])), *parts]), seen == labels

    def _find(self, shards: tuple[FeatureShard, ...]) -> list[Findings]:
        """The parts' findings, without those that hold no image; wide ones are made here, once."""
        if not self.spec.wide:
            found = self.context.findings_of_all(shards, SILENT)
        elif shards in self._made:
            found = self._made[shards]
        else:
            # Their own progress is no progress of the whole; they can be cancelled all the same.
            report = part(self.context.report, 0.1, 0.1, "Features")
            found = self._made[shards] = [
                feature_shard(shard, self.context, report) for shard in shards
            ]
        return [one for one in found if one.summary]
