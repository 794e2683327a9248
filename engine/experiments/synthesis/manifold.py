"""Optimal manifold: two unlike synthetic modes of a class, connected (Vrabel et al. 2024, sec. 4.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.classifiers import cards
from engine.declared import CurvePoints
from engine.experiments import footprint
from engine.experiments.base import Spec
from engine.experiments.groups import CONNECTIONS
from engine.experiments.synthesis.results import ManifoldResult
from engine.finders.settings import ConnectSettings
from engine.parameters import SEEDS, advanced, parameter, within, without
from engine.synthesis.settings import NATURAL, PATTERN, SynthesisSettings

STRICT = ConnectSettings(threshold=0.01)
"""A fifth of the usual threshold: both modes have almost no loss, and so shall the path between them."""


@dataclass(frozen=True)
class Manifold(Spec):
    """Synthesise a natural-looking mode and a high-frequency one of a class, and connect them."""

    kind = "manifold"
    title = "Optimal manifold"
    revision = 1
    listed = CONNECTIONS
    page = "manifold"
    result_class = ManifoldResult

    classifier: str = parameter("shapes-resnet", "Classifier.")
    label: str = parameter(
        "", "Class of both modes, by name or number. Empty: the first.", label="Class"
    )
    natural: SynthesisSettings = parameter(NATURAL, "How mode A is made, natural-looking.")
    pattern: SynthesisSettings = parameter(
        PATTERN, "How mode C is made, a high-frequency pattern (mode B of Fig. 7)."
    )
    seed: int = parameter(0, "Seed of the noise that both modes grow from.", SEEDS)
    connect: ConnectSettings = parameter(STRICT, "How the path is searched.")
    points: CurvePoints = 1000
    plane_resolution: int = advanced(
        41, "Points a side of the loss plane. 0: no plane.", within(0, 401, "points")
    )

    keep_pictures: bool = advanced(
        True, "Keep the pictures in the record; without them it holds numbers and curves only."
    )

    def relevant(self) -> dict[str, Any]:
        """Without the pictures, where they are kept as they always were."""
        values = super().relevant()
        return without(values, "keep_pictures") if self.keep_pictures else values

    def memory(self) -> int:
        """That of the nodes of its path, which double in each round."""
        return footprint.paths(1, self.connect.rounds, footprint.values_of(self.classifier))

    def subject(self) -> str:
        return f"{self.title}, {self.label or 'first class'}"

    def digests(self) -> dict[str, str]:
        return {"weights": cards.digest(self.classifier)}
