"""Untrained networks: are optimal inputs of one class connected before any training?

A network at initialisation has seen no images, so its modes are synthetic: noise, optimised until the
network is sure of a class. Two rounds of bypass join them (Vrabel et al. 2024, sec. 4.4, Fig. 8).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from engine.classifiers import cards
from engine.declared import CurvePoints, LongestStride
from engine.errors import ParameterError
from engine.experiments.groups import THEORY, Group
from engine.experiments.result import Result
from engine.experiments.untrained.from_noise import FromNoise
from engine.experiments.untrained.results import UntrainedResult
from engine.finders.settings import ConnectSettings
from engine.parameters import Parameter
from engine.words import counted

if TYPE_CHECKING:
    pass


@dataclass(frozen=True)
class Untrained(FromNoise):
    """Connect pairs of synthetic optimal inputs of networks at initialisation."""

    kind: ClassVar[str] = "untrained"
    title: ClassVar[str] = "Untrained networks"
    revision: ClassVar[int] = 1
    listed: ClassVar[Group] = THEORY
    page: ClassVar[str] = "untrained"
    result_class: ClassVar[type[Result]] = UntrainedResult

    high_frequency: Annotated[
        float,
        Parameter(
            "Weight of the high-frequency penalty on one input of each pair, for diversity. The "
            "paper's 2.5e-7 holds the loss of most inputs above 0.0005 when the differences between "
            "neighbours are summed, as here.",
            unit="nats",
            low=0,
            high=1,
            advanced=True,
        ),
    ] = 2.5e-8
    network: Annotated[
        Literal[
            "resnet18",
            "shapes-resnet",
            "shapes-vgg",
            "digits-resnet",
            "digits-vgg",
            "vgg16-cifar10",
            "googlenet",
        ],
        Parameter(
            "Architecture, with random weights; resnet18 for 32 x 32 pixels is the paper's. Batch "
            "normalisation is in evaluation mode as initialised: mean 0, variance 1, so that it "
            "changes next to nothing."
        ),
    ] = "resnet18"
    networks: Annotated[
        int,
        Parameter(
            "Networks: initialisations with one seed each.", unit="networks", low=1, high=100
        ),
    ] = 1
    classes: Annotated[
        int,
        Parameter(
            "Classes, the first ones, of each network; one pair of inputs each.",
            unit="classes",
            low=1,
            high=1000,
        ),
    ] = 1
    rounds: Annotated[
        int, Parameter("Rounds of barrier bypass at most.", unit="rounds", low=0, high=8)
    ] = 2
    iterations: Annotated[
        int,
        Parameter(
            "Optimisation steps of a round at most, by default as many as for an input: a node that "
            "stays above the threshold after 1,024 would be moved again and not built upon.",
            unit="steps",
            low=1,
            high=100_000,
            advanced=True,
        ),
    ] = 4096
    longest_stride: LongestStride = 32
    deviation_weight: Annotated[
        float,
        Parameter(
            "Weight of the mean squared distance from the barrier's top in a bypass. The paper's 0.1 "
            "for images outweighs losses as small as these.",
            unit="nats",
            low=0,
            high=1e4,
            advanced=True,
        ),
    ] = 0.0
    bypass_high_frequency: Annotated[
        float,
        Parameter(
            "Weight of the high-frequency penalty in a bypass. The paper's 1e-7 for images keeps the "
            "loss of new nodes near 0.0001, from where two rounds end above 0.001.",
            unit="nats",
            low=0,
            high=1,
            advanced=True,
        ),
    ] = 0.0
    bypass_rate: Annotated[
        float,
        Parameter(
            "Step size of Adam for a bypass. These inputs span a range some ten times that of images, "
            "so it is ten times the paper's for images, and that of the inputs.",
            unit="pixel range",
            low=1e-6,
            high=1,
            advanced=True,
        ),
    ] = 0.05
    points: CurvePoints = 400

    def subject(self) -> str:
        networks, classes = counted(self.networks, "networks"), counted(self.classes, "classes")
        return f"{self.title}, {self.network}, {networks}, {classes}"

    def check(self) -> None:
        known = len(cards.card(self.classifiers[0]).classes)
        if self.classes > known:
            raise ParameterError(
                f"classes: expected at most {known}, as many as {self.network} has, got "
                f"{self.classes}."
            )

    @property
    def classifiers(self) -> list[str]:
        """The names of the networks, one a seed."""
        return [f"untrained:{self.network}@{self.seed + k}" for k in range(self.networks)]

    @property
    def connect(self) -> ConnectSettings:
        """How paths are searched: the paper's bypass, with the threshold of the inputs."""
        return ConnectSettings(
            threshold=self.threshold,
            rounds=self.rounds,
            iterations=self.iterations,
            learning_rate=self.bypass_rate,
            deviation_weight=self.deviation_weight,
            high_frequency_weight=self.bypass_high_frequency,
            longest_stride=self.longest_stride,
        )

    def digests(self) -> dict[str, str]:
        return {name: cards.digest(name) for name in self.classifiers}


SEVERAL = Untrained(networks=3, classes=3)
"""What a visitor sees first: the pair of Fig. 8, and how many of nine connect."""
