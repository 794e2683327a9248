"""Connectivity through training: linear loss curves of fresh optimal inputs, at every batch and epoch.

Training is measured while it goes on (Vrabel et al. 2024, app. D.1, Figs. 10 and 11). It is computed in
parts, experiments of their own that begin where the one before ended: one that was stopped goes on
from the last part that is stored, and ends as if it had never been stopped.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from engine.classifiers import cards
from engine.classifiers.listings import LISTINGS
from engine.datasets import load_dataset
from engine.errors import ParameterError
from engine.experiments import footprint
from engine.experiments.base import THEORY
from engine.experiments.result import Result
from engine.experiments.untrained.results import EvolutionResult
from engine.experiments.untrained.untrained import FromNoise
from engine.parameters import advanced, parameter, within, without
from engine.progress import Reporter
from engine.training.recipes import RECIPES
from engine.words import counted


@dataclass(frozen=True)
class Evolution(FromNoise):
    """Barriers on straight lines between optimal inputs, while a network learns."""

    kind = "evolution"
    title = "Connectivity in training"
    revision = 1
    listed = THEORY
    page = "untrained"
    in_parts = True
    result_class: ClassVar[type[Result]] = EvolutionResult

    threshold: float = parameter(
        0.05,
        "An input is optimal for its class when its loss is below this. The paper does not say "
        "its value.",
        within(1e-6, 10, "nats"),
    )
    classifier: str = parameter(
        "shapes-resnet",
        "Network that is trained, by its own recipe, on its own image set; measured in "
        "evaluation mode.",
        choices=RECIPES,
    )
    batches: int = parameter(
        30, "Batches after each of which is measured, from the first.", within(0, 10_000, "batches")
    )
    epochs: int = parameter(
        30, "Epochs of the training, after each of which is measured.", within(1, 1000, "epochs")
    )
    pairs: int = parameter(5, "Pairs a class, made anew each time.", within(1, 1000, "pairs"))
    images: int = parameter(
        2000, "Training images, spread over the set. 0 takes all.", within(0, 10_000_000, "images")
    )
    points: int = advanced(50, "Points on each loss curve.", within(3, 10_000, "points"))
    statistics: Literal["running", "estimated"] = advanced(
        "running",
        "Statistics of batch normalisation: the running ones of the training, which lag behind in its "
        "first batches, or those of 512 training images, estimated anew for each measurement.",
    )
    stride: int = advanced(
        5, "Epochs of one part, which is stored when it is done.", within(1, 1000, "epochs")
    )

    def relevant(self) -> dict[str, Any]:
        """Without what leaves the training as it is."""
        values = super().relevant()
        return without(values, "statistics") if self.statistics == "running" else values

    def subject(self) -> str:
        return f"{self.title}, {self.classifier}, {counted(self.epochs, 'epochs')}"

    def origin(self) -> str:
        """Nothing: the network stands in what it is about, and brings its own image set."""
        return ""

    def memory(self) -> int:
        """That of the inputs of one stage, and of the curves of all."""
        card = cards.card(f"untrained:{self.classifier}@{self.seed}")
        pairs = self.pairs * len(card.classes)
        stages = self.batches + self.epochs + 1
        searched = footprint.inputs(2 * pairs, math.prod(card.input_shape))
        return searched + footprint.curves(stages * pairs, self.points)

    def gradients(self, batch: int) -> int:
        return max(
            2 * self.pairs * len(cards.card(self.classifier).classes),
            RECIPES[self.classifier].batch,
        )

    @property
    def parts(self) -> list[EvolutionPart]:
        """The parts of the training, in order."""
        values: dict[str, Any] = {**self.to_dict()}
        count = -(-self.epochs // self.stride)
        return [EvolutionPart(**{**values, "part": k}) for k in range(count)]

    def fetch(self, report: Reporter) -> None:
        load_dataset(LISTINGS[self.classifier].dataset, "train", report=report)

    def digests(self) -> dict[str, str]:
        """The images, and the network before training, which holds PyTorch's version.

        So no part goes on from one that another version trained.
        """
        return {
            "images": load_dataset(LISTINGS[self.classifier].dataset, "train").digest(),
            "network": cards.digest(f"untrained:{self.classifier}@{self.seed}"),
        }


@dataclass(frozen=True)
class EvolutionPart(Evolution):
    """Some epochs of the training: measured curves, and the state that the next part begins with."""

    kind = "evolution-part"
    title = "Part of a training"
    revision = 1
    part_of = "evolution"
    page = ""
    in_parts = False
    result_class = Result

    part: int = parameter(0, "Number of the part, from 0.", within(0, 1000))

    def subject(self) -> str:
        return f"{super().subject()}, part {self.part + 1}"

    def check(self) -> None:
        if self.part * self.stride >= self.epochs:
            raise ParameterError(
                f"part: {self.epochs} epochs in strides of {self.stride} have no part {self.part}."
            )

    @property
    def span(self) -> range:
        """The epochs of this part, counted from 0."""
        begin = self.part * self.stride
        return range(begin, min(begin + self.stride, self.epochs))


SHORT = Evolution(pairs=1, steps=1024)
"""Fewer pairs and steps than the paper's: minutes on a CPU in place of half an hour."""
