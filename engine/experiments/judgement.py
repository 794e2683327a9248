"""One detector of a benchmark, judged: fitted to each attack and to all, and tested on every attack."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np

from engine.attacks.settings import TITLES as ATTACK_TITLES
from engine.detectors.settings import WIDE
from engine.errors import DataError, unknown_name
from engine.experiments.base import Columns, Context, Findings
from engine.experiments.benchmark import CONTESTANTS, BenchmarkSettings, contestant_title
from engine.experiments.detector_shards import Study
from engine.experiments.judging import ALL, CURVE, Judged, Samples, Split, fit_on, judge
from engine.parameters import Parameter
from engine.progress import SILENT, part
from engine.random import derive

if TYPE_CHECKING:
    from engine.detectors.base import Detector
    from engine.experiments.detector_shards import FeatureShard, Sample

FEWEST_PAIRS = 25
"""Successful attacks below which there is nothing to learn from and to test with."""

NEGATIVES: dict[Sample, str] = {"wrong": "seen wrongly", "noisy": "with uniform noise"}
"""Clean images that no detector learnt from and that it might take for attacked."""

ALARM = 0.05
"""Share of clean images taken as attacked at which those are counted."""

BAND = (0.1, 0.5, 0.9)
"""Quantiles that a band of curves is drawn through."""

TIMED = 32
"""Images that the time of one is measured on."""

PIXELS: dict[str, Sample] = {"float": "attacked", "8-bit": "rounded"}
"""Attacked images as the attack leaves them, and as a file with 8 bits a value keeps them."""


@dataclass(frozen=True)
class Judgement(BenchmarkSettings):
    """What one detector is worth. A benchmark makes these, one for each contestant."""

    kind: ClassVar[str] = "detector-judgement"
    title: ClassVar[str] = "One detector of a benchmark"

    name: Annotated[str, Parameter(f"Contestant: {', '.join(CONTESTANTS)}.")] = "mode-connectivity"

    def check(self) -> None:
        super().check()
        if self.name not in CONTESTANTS:
            raise unknown_name("contestant", self.name, CONTESTANTS)

    @property
    def wide(self) -> bool:
        """Whether its features are made anew where they are needed."""
        return CONTESTANTS[self.name][0] in WIDE

    def parts(self) -> list[FeatureShard]:
        """The parts of its features that are stored."""
        if self.wide:
            return []
        attacked = [
            shard
            for attack in self.attack_names
            for sample in PIXELS.values()
            for shard in self.feature_shards(self.name, sample, attack)
        ]
        others: list[FeatureShard] = [
            shard
            for sample in ("clean", *NEGATIVES)
            for shard in self.feature_shards(self.name, sample)  # type: ignore[arg-type]
        ]
        return [*others, *attacked]

    def draw(self) -> list[Split]:
        """The random splits."""
        return [
            Split.drawn(self.images, self.learning, self.choosing, derive(self.seed, f"split/{k}"))
            for k in range(self.splits)
        ]

    def compute(self, context: Context) -> Findings:
        gathered = Gathered(self, context)
        detector = gathered.detector
        splits = self.draw()
        judged = {
            pixels: judge(
                detector,
                gathered.samples(pixels),
                splits,
                self.seed,
                part(context.report, 0.1 + 0.4 * k, 0.5 + 0.4 * k, "Fitting"),
            )
            for k, pixels in enumerate(PIXELS)
        }
        context.report(0.9, 1, stage="Fitting the detector that is kept")
        kept = gathered.samples(*PIXELS)
        fit_on(detector, kept, splits[0], ALL, derive(self.seed, "kept"))
        arrays, facts = detector.state()
        return Findings(
            arrays={
                "false_alarms": CURVE,
                **{f"fitted/{name}": array for name, array in arrays.items()},
                **_bands(detector, kept),
            },
            tables={
                "rates": _rows({pixels: found.rates for pixels, found in judged.items()}),
                "intervals": _rows({p: found.intervals(self.seed) for p, found in judged.items()}),
                "curves": _curves(judged, self.protocol(detector)),
                "scores": _scores(judged["float"], self.protocol(detector)),
                "negatives": _negatives(detector, gathered, splits[0]),
            },
            summary={
                "name": self.name,
                "title": contestant_title(self.name),
                "protocol": self.protocol(detector),
                "left_out": gathered.left_out,
                "forward_passes": detector.forward_passes,
                "backward_passes": detector.backward_passes,
                "features": gathered.clean.shape[1],
                "milliseconds": _milliseconds(detector, gathered),
                "fitted": facts,
            },
        )

    def protocol(self, detector: Detector) -> str:
        """Whether its figures are those of models of their "own" attack or of "all" together."""
        return "all" if detector.pools and len(self.attack_names) > 1 else "own"


class Gathered:
    """The features of a judgement's images, read from their parts when they are asked for."""

    def __init__(self, spec: Judgement, context: Context) -> None:
        self.spec, self.context = spec, context
        self._made: dict[tuple[FeatureShard, ...], list[Findings]] = {}
        context.findings_of_all(spec.parts(), part(context.report, 0, 0.1, "Features"))

    @cached_property
    def clean(self) -> np.ndarray:
        """Features (N, F) of the clean images."""
        return self._joined(self.spec.feature_shards(self.spec.name, "clean"))[0]

    @cached_property
    def labels(self) -> np.ndarray:
        """What the clean images show, (N,)."""
        return self.spec.seen(self.context)[1][: self.spec.images]

    @cached_property
    def left_out(self) -> dict[str, str]:
        """Attacks that too few images fall for, with the reason."""
        return {
            attack: f"{ATTACK_TITLES[attack]} succeeded on {count} images, fewer than {FEWEST_PAIRS}"
            for attack in self.spec.attack_names
            if (count := int(self._attacked(attack, "attacked")[1].sum())) < FEWEST_PAIRS
        }

    def samples(self, *pixels: str) -> Samples:
        """Clean and attacked images; with several kinds of pixels, an attack's images count for each."""
        if len(self.clean) < self.spec.images:
            raise DataError(
                f"{self.spec.images:,} images were asked for, and {self.spec.classifier} sees "
                f"{len(self.clean):,} rightly. Ask for fewer."
            )
        attacked, success = {}, {}
        for attack in self.spec.attack_names:
            if attack not in self.left_out:
                for kind in pixels:
                    name = attack if len(pixels) == 1 else f"{attack}/{kind}"
                    attacked[name], success[name] = self._attacked(attack, PIXELS[kind])
        if not attacked:
            raise DataError(
                f"There is nothing to detect: {'; '.join(self.left_out.values())}. Choose stronger "
                "attacks, more images or another classifier."
            )
        return Samples(self.clean, attacked, success)

    @cached_property
    def detector(self) -> Detector:
        """The detector, not fitted."""
        from engine.classifiers import load_classifier

        classifier = load_classifier(self.spec.classifier, self.context.device)
        return Study(**self.spec.contestant(self.spec.name)).made(classifier, self.context)

    def _attacked(self, attack: str, sample: Sample) -> tuple[np.ndarray, np.ndarray]:
        """Features (N, F) of attacked images, zero for those not attacked, and which err (N,)."""
        features, seen = self._joined(self.spec.feature_shards(self.spec.name, sample, attack))
        whole = np.zeros_like(self.clean)
        whole[: len(features)] = features
        errs = np.zeros(len(whole), dtype=bool)
        errs[: len(seen)] = seen != self.labels[: len(seen)]
        return whole, errs

    def _joined(self, shards: Sequence[FeatureShard]) -> tuple[np.ndarray, np.ndarray]:
        found = self._found(tuple(shards))
        features = [self.detector.arranged(one.arrays["features"]) for one in found]
        return np.concatenate(features), np.concatenate([one.arrays["prediction"] for one in found])

    def negatives(self, sample: Sample) -> np.ndarray:
        """Features (N, F) of other clean images; N may be 0."""
        found = self._found(tuple(self.spec.feature_shards(self.spec.name, sample)))
        parts = [self.detector.arranged(one.arrays["features"]) for one in found]
        return np.concatenate([np.empty((0, self.clean.shape[1])), *parts])

    def _found(self, shards: tuple[FeatureShard, ...]) -> list[Findings]:
        """The parts' findings, without those that hold no image; wide ones are made here, once."""
        if not self.spec.wide:
            found = self.context.findings_of_all(shards, SILENT)
        elif shards in self._made:
            found = self._made[shards]
        else:
            found = self._made[shards] = [shard.compute(self.context) for shard in shards]
        return [one for one in found if one.summary]


def _rows(found: dict[str, list[dict[str, Any]]]) -> Columns:
    """Rows as columns, with one that tells the kind of pixels."""
    rows = [{"pixels": pixels, **row} for pixels, own in found.items() for row in own]
    return {name: [row[name] for row in rows] for name in rows[0]}


def _curves(judged: dict[str, Judged], protocol: str) -> Columns:
    """ROC curves of every attack, by the protocol's models."""
    rows = [
        {"pixels": pixels, "attack": attack, "false_alarms": x, "detected": y}
        for pixels, found in judged.items()
        for attack, trained in found.scores
        if trained == protocol
        for x, y in zip(CURVE, found.curve(attack, trained), strict=True)
    ]
    return {name: [row[name] for row in rows] for name in rows[0]}


def _scores(judged: Judged, protocol: str) -> Columns:
    """Scores of the first split's test images, clean and attacked."""
    parts = [
        (attack, attacked, scores)
        for (attack, trained), splits in judged.scores.items()
        if trained == protocol
        for attacked, scores in enumerate(splits[0])
    ]
    sizes = [len(scores) for _, _, scores in parts]
    return {
        "attack": np.repeat([attack for attack, _, _ in parts], sizes),
        "attacked": np.repeat([bool(attacked) for _, attacked, _ in parts], sizes),
        "score": np.concatenate([scores for _, _, scores in parts]),
    }


def _bands(detector: Detector, samples: Samples) -> dict[str, np.ndarray]:
    """Deciles 1, 5 and 9 of clean and attacked images' curves and sorted logits, (2, 3, n) each."""
    from engine.detectors.connectivity import ModeConnectivity

    if not isinstance(detector, ModeConnectivity):
        return {}
    everything = np.ones(len(samples.clean), dtype=bool)
    both = [detector.parts(sample) for sample in samples.pairs(ALL, everything)]
    curves, logits = (
        np.stack([np.quantile(sample, BAND, axis=0) for sample in samples])
        for samples in zip(*((curves[:, 0], logits) for curves, logits in both), strict=True)
    )
    return {"bands/curve": curves.astype(np.float32), "bands/logits": logits.astype(np.float32)}


def _negatives(detector: Detector, gathered: Gathered, split: Split) -> Columns:
    """How often the detector that is kept takes clean images for attacked, at 5 % of ordinary ones."""
    clean = detector.score_features(gathered.clean[split.testing])
    threshold = np.quantile(clean, 1 - ALARM, method="higher")
    samples = {kind: features for kind in NEGATIVES if len(features := gathered.negatives(kind))}
    return {
        "kind": list(samples),
        "images": [len(features) for features in samples.values()],
        "alarms": [
            float((detector.score_features(features) > threshold).mean())
            for features in samples.values()
        ],
    }


def _milliseconds(detector: Detector, gathered: Gathered) -> float:
    """Time of one image, of a batch on this device."""
    import torch

    index, _ = gathered.spec.seen(gathered.context)
    images = torch.from_numpy(gathered.spec.pictures(index[:TIMED]))
    detector.score(images)
    began = time.perf_counter()
    detector.score(images)
    return (time.perf_counter() - began) * 1000 / len(images)
