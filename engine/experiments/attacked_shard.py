"""A part of a benchmark's images: some that are correctly classified, and what an attack makes of them.

Every detector of a benchmark, and every benchmark with the same images and attack, takes these same
pictures from the store.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar

import numpy as np

from engine.attacks.settings import AttackSettings
from engine.classifiers import cards
from engine.datasets import load_dataset
from engine.errors import DataError
from engine.experiments.base import Context, Findings, Spec
from engine.experiments.sets import fitting_set
from engine.experiments.survey import Survey
from engine.parameters import Parameter
from engine.progress import SILENT, Reporter
from engine.random import generator

SHARD = 100
"""Images of a part; as many as the published detectors have in a minibatch."""


@dataclass(frozen=True)
class BenchmarkSpec(Spec):
    """What a benchmark of detectors and its parts have in common: which images they are made of."""

    classifier: Annotated[str, Parameter("Classifier.")] = "shapes-resnet"
    dataset: Annotated[str, Parameter("Image set.", label="Image set")] = "shapes"
    split: Annotated[str, Parameter("Part of the image set that is attacked.", advanced=True)] = (
        "test"
    )
    seed: Annotated[
        int,
        Parameter(
            "Seed of all that is random.",
            low=0,
            high=2**31 - 1,
            advanced=True,
        ),
    ] = 0

    def fetch(self, report: Reporter) -> None:
        for split in ("train", self.split):
            load_dataset(self.dataset, split, report=report)

    def digests(self) -> dict[str, str]:
        return {
            "weights": cards.digest(self.classifier),
            "images": fitting_set(self.classifier, self.dataset, self.split).digest(),
        }

    def pictures(self, index: np.ndarray, split: str = "") -> np.ndarray:
        """Pictures of the set as the classifier takes them, float32 (n, C, H, W) in [0, 1]."""
        from engine.images import to_pixels

        seen = cards.card(self.classifier)
        channels, height, width = seen.input_shape
        data = load_dataset(
            self.dataset, split or self.split, (height, width), channels, resize=seen.resize
        )
        return to_pixels(data.batch(index))

    def seen(self, context: Context, rightly: bool = True) -> tuple[np.ndarray, np.ndarray]:
        """Indices and labels of all correctly classified images, or of all others, in random order."""
        found = context.findings_of(Survey(self.classifier, self.dataset, self.split), SILENT)
        label, prediction = found.arrays["label"], found.arrays["prediction"]
        rows = np.flatnonzero((label >= 0) & ((label == prediction) == rightly))
        rows = rows[generator(self.seed, f"benchmark/{rightly}").permutation(len(rows))]
        return found.arrays["index"][rows], label[rows]


@dataclass(frozen=True)
class AttackedShard(BenchmarkSpec):
    """Some images, attacked. A benchmark makes these; there is no need to run one by hand."""

    kind: ClassVar[str] = "attacked-shard"
    title: ClassVar[str] = "Part of a benchmark's attacked images"
    revision: ClassVar[int] = 1

    attack: Annotated[AttackSettings, Parameter("The attack.")] = field(
        default_factory=lambda: AttackSettings(method="fgsm")
    )
    first: Annotated[int, Parameter("Number of its first image.", low=0)] = 0
    count: Annotated[int, Parameter("Images in it.", unit="images", low=1, high=SHARD)] = SHARD

    def compute(self, context: Context) -> Findings:
        from engine.attacks.attacking import attack
        from engine.classifiers import load_classifier

        classifier = load_classifier(self.classifier, context.device)
        index, labels = (
            array[self.first : self.first + self.count] for array in self.seen(context)
        )
        if not len(index):
            raise DataError(
                f"{self.classifier} classifies fewer than {self.first + 1:,} images of the set correctly."
            )
        found = attack(
            self.attack.method,
            classifier,
            self.pictures(index),
            labels,
            seed=self.seed,
            reproducible=True,
            settings=self.attack.chosen,
            report=context.report,
        )
        return Findings(
            arrays={
                "index": index,
                "label": labels,
                "images": found.images.numpy(),
                "success": found.success.numpy(),
                "prediction": found.prediction.numpy(),
                "l2": found.l2.numpy(),
                "linf": found.linf.numpy(),
                "forward_passes": found.forward_passes.numpy(),
                "backward_passes": found.backward_passes.numpy(),
            },
            summary={"attacked": len(index), "successful": int(found.success.sum())},
        )
