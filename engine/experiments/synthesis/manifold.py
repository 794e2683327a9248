"""Optimal manifold: two unlike synthetic modes of a class, connected (Vrabel et al. 2024, sec. 4.3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, ClassVar

from engine.classifiers import cards
from engine.declared import CurvePoints
from engine.experiments.base import Spec
from engine.experiments.groups import CONNECTIONS, Group
from engine.experiments.result import Result
from engine.experiments.synthesis.results import ManifoldResult
from engine.finders.settings import ConnectSettings
from engine.parameters import Parameter
from engine.synthesis.settings import NATURAL, PATTERN, SynthesisSettings

if TYPE_CHECKING:
    pass

STRICT = ConnectSettings(threshold=0.01)
"""A fifth of the usual threshold: both modes have almost no loss, and so shall the path between them."""


@dataclass(frozen=True)
class Manifold(Spec):
    """Synthesise a natural-looking mode and a high-frequency one of a class, and connect them."""

    kind: ClassVar[str] = "manifold"
    title: ClassVar[str] = "Optimal manifold"
    revision: ClassVar[int] = 1
    listed: ClassVar[Group] = CONNECTIONS
    page: ClassVar[str] = "manifold"
    result_class: ClassVar[type[Result]] = ManifoldResult

    classifier: Annotated[str, Parameter("Classifier.")] = "shapes-resnet"
    label: Annotated[
        str,
        Parameter("Class of both modes, by name or number. Empty: the first.", label="Class"),
    ] = ""
    natural: Annotated[SynthesisSettings, Parameter("How mode A is made, natural-looking.")] = (
        field(default_factory=lambda: NATURAL)
    )
    pattern: Annotated[
        SynthesisSettings,
        Parameter("How mode C is made, a high-frequency pattern (mode B of Fig. 7)."),
    ] = field(default_factory=lambda: PATTERN)
    seed: Annotated[
        int, Parameter("Seed of the noise that both modes grow from.", low=0, high=2**31 - 1)
    ] = 0
    connect: Annotated[ConnectSettings, Parameter("How the path is searched.")] = field(
        default_factory=lambda: STRICT
    )
    points: CurvePoints = 1000
    plane_resolution: Annotated[
        int,
        Parameter(
            "Points a side of the loss plane through both modes and the new node. 0: no plane.",
            unit="points",
            low=0,
            high=401,
            advanced=True,
        ),
    ] = 41

    def subject(self) -> str:
        return f"{self.title}, {self.label or 'first class'}"

    def digests(self) -> dict[str, str]:
        return {"weights": cards.digest(self.classifier)}
