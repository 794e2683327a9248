"""Modes of a class: several of them, synthetic and real, how they connect, where they lie.

"By employing a systematic approach to find and connect these optimal modes, the class-optimal manifold
can be partially explored and analyzed" (Vrabel et al. 2024, sec. 4.3).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, ClassVar

from engine.classifiers import cards
from engine.declared import CurvePoints
from engine.errors import ParameterError
from engine.experiments.groups import EXPLORATIONS, Group
from engine.experiments.images.spec import SetSpec
from engine.experiments.result import Result
from engine.experiments.synthesis.results import ModesResult
from engine.finders.settings import ConnectSettings
from engine.parameters import Parameter
from engine.progress import Reporter
from engine.synthesis.settings import NATURAL, PATTERN, SynthesisSettings

if TYPE_CHECKING:
    pass

MOST = 12
"""Modes at most: every pair is connected and every three span a hull."""


@dataclass(frozen=True)
class Modes(SetSpec):
    """Find several modes of a class, connect all pairs, map them and measure their hulls."""

    kind: ClassVar[str] = "modes"
    title: ClassVar[str] = "Modes of a class"
    revision: ClassVar[int] = 1
    listed: ClassVar[Group] = EXPLORATIONS
    page: ClassVar[str] = "manifold"
    result_class: ClassVar[type[Result]] = ModesResult

    dataset: Annotated[str, Parameter("Image set of the real modes.", label="Image set")] = "shapes"
    label: Annotated[
        str, Parameter("Class of all modes, by name or number. Empty: the first.", label="Class")
    ] = ""
    natural: Annotated[
        int,
        Parameter(
            "Natural-looking synthetic modes.",
            unit="modes",
            low=0,
            high=MOST,
            label="Natural modes",
        ),
    ] = 2
    pattern: Annotated[
        int,
        Parameter(
            "Synthetic modes that are high-frequency patterns.",
            unit="modes",
            low=0,
            high=MOST,
            label="Pattern modes",
        ),
    ] = 2
    real: Annotated[
        int,
        Parameter(
            "Real images: those of the class with the lowest loss.",
            unit="modes",
            low=0,
            high=MOST,
            label="Real modes",
        ),
    ] = 2
    natural_settings: Annotated[
        SynthesisSettings, Parameter("How natural-looking modes are made.")
    ] = field(default_factory=lambda: NATURAL)
    pattern_settings: Annotated[SynthesisSettings, Parameter("How patterns are made.")] = field(
        default_factory=lambda: PATTERN
    )
    seed: Annotated[
        int,
        Parameter(
            "Seed of the noise that the synthetic modes grow from, and of random blends.",
            low=0,
            high=2**31 - 1,
        ),
    ] = 0
    connect: Annotated[ConnectSettings, Parameter("How the paths are searched.")] = field(
        default_factory=ConnectSettings
    )
    points: CurvePoints = 100
    hull_steps: Annotated[
        int,
        Parameter(
            "Steps from corner to corner on the grid over every three modes. 0: no hulls.",
            unit="steps",
            low=0,
            high=100,
            advanced=True,
        ),
    ] = 20
    hull_samples: Annotated[
        int,
        Parameter(
            "Random blends of every four modes.",
            unit="blends",
            low=1,
            high=100_000,
            advanced=True,
        ),
    ] = 128

    def subject(self) -> str:
        return f"{self.title}, {self.label or 'first class'}"

    def check(self) -> None:
        total = self.natural + self.pattern + self.real
        if not 2 <= total <= MOST:
            raise ParameterError(
                f"natural, pattern, real: expected 2 to {MOST} modes together, got {total}."
            )

    def fetch(self, report: Reporter) -> None:
        if self.real:
            super().fetch(report)

    def digests(self) -> dict[str, str]:
        return super().digests() if self.real else {"weights": cards.digest(self.classifier)}
