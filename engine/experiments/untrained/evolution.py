"""Connectivity through training: linear loss curves of fresh optimal inputs, at every batch and epoch.

Training is measured while it goes on (Vrabel et al. 2024, app. D.1, Figs. 10 and 11). It is computed in
parts, experiments of their own that begin where the one before ended: one that was stopped goes on
from the last part that is stored, and ends as if it had never been stopped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from engine.classifiers import cards
from engine.classifiers.listings import LISTINGS
from engine.datasets import load_dataset
from engine.errors import ParameterError
from engine.experiments.groups import THEORY, Group
from engine.experiments.result import Result
from engine.experiments.untrained.from_noise import FromNoise
from engine.experiments.untrained.results import EvolutionResult
from engine.parameters import Parameter
from engine.progress import Reporter
from engine.words import counted


@dataclass(frozen=True)
class Evolution(FromNoise):
    """Barriers on straight lines between optimal inputs, while a network learns."""

    kind: ClassVar[str] = "evolution"
    title: ClassVar[str] = "Connectivity in training"
    revision: ClassVar[int] = 1
    listed: ClassVar[Group] = THEORY
    page: ClassVar[str] = "untrained"
    in_parts: ClassVar[bool] = True
    result_class: ClassVar[type[Result]] = EvolutionResult

    threshold: Annotated[
        float,
        Parameter(
            "An input is optimal for its class when its loss is below this; looser than before "
            "training, for the paper wants faster convergence here and does not say its value.",
            unit="nats",
            low=1e-6,
            high=10,
        ),
    ] = 0.05
    classifier: Annotated[
        Literal[
            "shapes-resnet",
            "shapes-vgg",
            "digits-resnet",
            "digits-vgg",
            "vgg16-cifar10",
            "resnet18-cifar10",
            "vgg16-cifar100",
            "resnet18-cifar100",
            "googlenet-imagenette",
        ],
        Parameter(
            "Network that is trained, by its own recipe, on its own image set. It is measured in "
            "evaluation mode, with the statistics of batch normalisation as they are then."
        ),
    ] = "shapes-resnet"
    batches: Annotated[
        int,
        Parameter(
            "Batches after each of which is measured, from the first.",
            unit="batches",
            low=0,
            high=10_000,
        ),
    ] = 30
    epochs: Annotated[
        int,
        Parameter(
            "Epochs of the training, after each of which is measured.",
            unit="epochs",
            low=1,
            high=1000,
        ),
    ] = 30
    pairs: Annotated[
        int,
        Parameter("Pairs a class, made anew each time.", unit="pairs", low=1, high=1000),
    ] = 5
    images: Annotated[
        int,
        Parameter(
            "Training images, spread evenly over the set. 0 takes all.",
            unit="images",
            low=0,
            high=10_000_000,
        ),
    ] = 2000
    points: Annotated[
        int,
        Parameter("Points on each loss curve.", unit="points", low=3, high=10_000, advanced=True),
    ] = 50
    stride: Annotated[
        int,
        Parameter(
            "Epochs of one part. Each part but the last stores the network and its momentum.",
            unit="epochs",
            low=1,
            high=1000,
            advanced=True,
        ),
    ] = 5

    def subject(self) -> str:
        return f"{self.title}, {self.classifier}, {counted(self.epochs, 'epochs')}"

    def origin(self) -> str:
        """Nothing: the network stands in what it is about, and brings its own image set."""
        return ""

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

    kind: ClassVar[str] = "evolution-part"
    title: ClassVar[str] = "Part of a training"
    revision: ClassVar[int] = 1
    part_of: ClassVar[str] = "evolution"
    page: ClassVar[str] = ""
    in_parts: ClassVar[bool] = False
    result_class: ClassVar[type[Result]] = Result

    part: Annotated[int, Parameter("Number of the part, from 0.", low=0, high=1000)] = 0

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
