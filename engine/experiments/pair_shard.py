"""A part of a population: a few blocks of pairs, measured on one worker.

A shard is an experiment of its own, so it is stored when it is done: a sweep that was interrupted, by
whatever, goes on from the shards that are there. All passes through the network take the same number
of images, so a pair's numbers depend on nothing but the pair.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np

from engine.attacks.settings import AdamSettings, AttackSettings
from engine.classifiers import cards
from engine.classifiers.labels import labels_of
from engine.datasets import load_dataset
from engine.experiments.base import Context, Findings, Spec
from engine.experiments.population import Block, Branch, Population, population
from engine.experiments.sets import fitting_set
from engine.parameters import Parameter, without
from engine.progress import Reporter

if TYPE_CHECKING:
    from engine.datasets import ImageSet


def population_attack() -> AttackSettings:
    """The attack of the paper's population (Vrabel et al. 2024, sec. 4.2)."""
    return AttackSettings(adam=AdamSettings(iterations=512, high_frequency_weight=1e-8))


@dataclass(frozen=True)
class PopulationSpec(Spec):
    """What a population and its parts have in common: which pairs, and how each is measured."""

    classifier: Annotated[str, Parameter("Classifier.")] = "shapes-resnet"
    dataset: Annotated[str, Parameter("Image set.", label="Image set")] = "shapes"
    split: Annotated[str, Parameter("Part of the image set.", advanced=True)] = "test"
    pairs: Annotated[
        int,
        Parameter("Pairs that are kept in each branch.", unit="pairs", low=2, high=1_000_000),
    ] = 5000
    images: Annotated[
        Literal["all", "correct"],
        Parameter(
            "Which images may be the real ends of a pair: all of the class, as in the paper, or those "
            "that are correctly classified.",
            advanced=True,
        ),
    ] = "all"
    points: Annotated[
        int,
        Parameter("Points on each loss curve.", unit="points", low=10, high=10_000, advanced=True),
    ] = 250
    attack: Annotated[AttackSettings, Parameter("How the source image is attacked.")] = field(
        default_factory=population_attack
    )
    targeted: Annotated[
        bool,
        Parameter(
            "The source is attacked towards the class of the real image. Off: towards any class, and "
            "the real image is then one of the class that it is given. DeepFool must have it off."
        ),
    ] = True
    seed: Annotated[
        int,
        Parameter("Seed of the draw of pairs.", low=0, high=2**31 - 1, advanced=True),
    ] = 0

    def check(self) -> None:
        self.attack.check_aim(self.targeted)

    def fetch(self, report: Reporter) -> None:
        load_dataset(self.dataset, self.split, report=report)

    def digests(self) -> dict[str, str]:
        return {
            "weights": cards.digest(self.classifier),
            "images": fitting_set(self.classifier, self.dataset, self.split).digest(),
        }

    def labelled(self) -> tuple[ImageSet, np.ndarray]:
        """The image set as the classifier takes it, and each image's class among the classifier's."""
        seen = cards.card(self.classifier)
        channels, height, width = seen.input_shape
        data = load_dataset(self.dataset, self.split, (height, width), channels, resize=seen.resize)
        return data, labels_of(data, seen)

    def draw(self, branch: Branch) -> Population:
        """The blocks of a branch."""
        _, labels = self.labelled()
        classes = len(cards.card(self.classifier).classes)
        return population(labels, classes, self.pairs, branch, self.seed)


@dataclass(frozen=True)
class PairShard(PopulationSpec):
    """Some blocks of a population. A sweep makes them; there is no need to run one by hand."""

    kind: ClassVar[str] = "pair-shard"
    title: ClassVar[str] = "Part of a population"
    revision: ClassVar[int] = 1

    branch: Annotated[Branch, Parameter("Real or adversarial pairs.")] = "real"
    first: Annotated[int, Parameter("Number of its first block.", low=0)] = 0
    blocks: Annotated[int, Parameter("Blocks in it.", unit="blocks", low=1)] = 1

    def relevant(self) -> dict[str, Any]:
        """Real pairs know of no attack, so all attacks share these shards."""
        values = super().relevant()
        return values if self.branch == "adversarial" else without(values, "attack", "targeted")

    def own_blocks(self) -> tuple[Block, ...]:
        """The blocks that this shard measures."""
        return self.draw(self.branch).blocks[self.first : self.first + self.blocks]

    def compute(self, context: Context) -> Findings:
        from engine.classifiers import load_classifier
        from engine.experiments.measuring import measured

        classifier = load_classifier(self.classifier, context.device)
        rows, curves = measured(self, classifier, context.report)
        return Findings({"curves": curves}, {"pairs": rows}, _counts(rows))


def _counts(rows: dict[str, Any]) -> dict[str, Any]:
    """How many pairs came to what end."""
    outcomes, counts = np.unique(rows["outcome"], return_counts=True)
    return {str(name): int(count) for name, count in zip(outcomes, counts, strict=True)}
