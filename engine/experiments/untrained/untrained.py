"""Networks at random initialisation: optimal inputs from noise, connected (Vrabel et al. 2024, sec. 4.4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from engine.classifiers import cards
from engine.declared import CurvePoints, LongestStride
from engine.errors import ParameterError
from engine.experiments import footprint
from engine.experiments.base import THEORY, Spec
from engine.experiments.untrained.results import UntrainedResult
from engine.finders.settings import ConnectSettings
from engine.parameters import SEEDS, advanced, parameter, within
from engine.words import counted


@dataclass(frozen=True)
class FromNoise(Spec):
    """Pairs of optimal inputs from Gaussian noise (Vrabel et al. 2024, sec. 4.4)."""

    threshold: float = parameter(
        0.0005,
        "An input is optimal, and a path connected, when its loss is below this.",
        within(1e-6, 10, "nats"),
    )
    steps: int = advanced(4096, "Steps of Adam for an input at most.", within(1, 100_000, "steps"))
    learning_rate: float = advanced(
        0.05, "Step size of Adam for inputs.", within(1e-6, 1, "pixel range")
    )
    longest_stride: LongestStride = 1
    weight_decay: float = advanced(1e-7, "Weight decay of Adam for inputs.", within(0, 1))
    high_frequency: float = advanced(
        2.5e-7, "High-frequency penalty on one input of each pair.", within(0, 1, "nats")
    )
    noise: float = advanced(
        1.0,
        "Standard deviation of the noise, as the network sees it. The paper does not say its "
        "value.",
        within(1e-6, 10),
    )
    seed: int = advanced(0, "Seed of networks and noise.", SEEDS)


@dataclass(frozen=True)
class Untrained(FromNoise):
    """Connect pairs of synthetic optimal inputs of networks at initialisation."""

    kind = "untrained"
    title = "Untrained networks"
    revision = 1
    listed = THEORY
    page = "untrained"
    result_class = UntrainedResult

    high_frequency: float = advanced(
        2.5e-8,
        "High-frequency penalty on one input of each pair. The paper's 2.5e-7 holds most "
        "losses above 0.0005.",
        within(0, 1, "nats"),
    )
    network: Literal[
        "resnet18",
        "shapes-resnet",
        "shapes-vgg",
        "digits-resnet",
        "digits-vgg",
        "vgg16-cifar10",
        "googlenet",
    ] = parameter(
        "resnet18", "Architecture, with random weights; resnet18 for 32 x 32 pixels is the paper's."
    )
    networks: int = parameter(
        1, "Networks: initialisations with one seed each.", within(1, 100, "networks")
    )
    classes: int = parameter(
        1, "Classes of each network; one pair of inputs each.", within(1, 1000, "classes")
    )
    rounds: int = parameter(2, "Rounds of barrier bypass at most.", within(0, 8, "rounds"))
    iterations: int = advanced(
        4096, "Optimisation steps of a round at most.", within(1, 100_000, "steps")
    )
    longest_stride: LongestStride = 32
    deviation_weight: float = advanced(
        0.0,
        "Weight of the distance from the barrier's top. The paper's 0.1, for images, outweighs "
        "such losses.",
        within(0, 1e4, "nats"),
    )
    bypass_high_frequency: float = advanced(
        0.0,
        "High-frequency penalty in a bypass. The paper's 1e-7, for images, ends above 0.001.",
        within(0, 1, "nats"),
    )
    bypass_rate: float = advanced(
        0.05,
        "Step size of Adam for a bypass: ten times the paper's for images, whose range is a "
        "tenth of this.",
        within(1e-6, 1, "pixel range"),
    )
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

    def memory(self) -> int:
        """That of all networks' inputs and paths, and of the inputs that one network's search holds."""
        pairs, values = self.networks * self.classes, footprint.values_of(self.classifiers[0])
        searched = footprint.inputs(2 * self.classes, values)
        return footprint.paths(pairs, self.rounds, values) + searched

    def gradients(self, batch: int) -> int:
        return max(2 * self.classes, footprint.bent(self.classes, self.connect, batch))

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


SEVERAL = Untrained(networks=3, classes=10)
"""What a visitor sees first: the pair of Fig. 8, and how many of thirty connect."""
