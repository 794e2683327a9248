"""Modes made from noise: two unlike ones connected, or several explored (Vrabel et al. 2024, sec. 4.3)."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb
from typing import Any

from engine.classifiers import cards
from engine.declared import CurvePoints
from engine.errors import ParameterError
from engine.experiments import footprint
from engine.experiments.base import CONNECTIONS, EXPLORATIONS, Spec
from engine.experiments.images.spec import SetSpec
from engine.experiments.synthesis.results import ManifoldResult, ModesResult
from engine.finders.settings import ConnectSettings
from engine.parameters import SEEDS, advanced, nested, parameter, within, without
from engine.synthesis.settings import NATURAL, PATTERN, SynthesisSettings

STRICT = ConnectSettings(threshold=0.01)
"""A fifth of the usual threshold: both modes have almost no loss, and so shall the path between them."""


@dataclass(frozen=True)
class Manifold(Spec):
    """Synthesise a natural-looking mode and a high-frequency one of a class, and connect them."""

    kind = "manifold"
    title = "Optimal manifold"
    revision = 2
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

    def gradients(self, batch: int) -> int:
        return max(2, footprint.bent(1, self.connect, batch))

    def subject(self) -> str:
        return f"{self.title}, {self.label or 'first class'}"

    def digests(self) -> dict[str, str]:
        return {"weights": cards.digest(self.classifier)}


MOST = 12
"""Modes at most: every pair is connected and every three span a hull."""


@dataclass(frozen=True)
class Modes(SetSpec):
    """Find several modes of a class, connect all pairs, map them and measure their hulls."""

    kind = "modes"
    title = "Modes of a class"
    revision = 2
    listed = EXPLORATIONS
    page = "manifold"
    result_class = ModesResult

    dataset: str = parameter("shapes", "Image set of the real modes.", label="Image set")
    label: str = parameter(
        "", "Class of all modes, by name or number. Empty: the first.", label="Class"
    )
    natural: int = parameter(
        2, "Natural-looking synthetic modes.", within(0, MOST, "modes"), label="Natural modes"
    )
    pattern: int = parameter(
        2,
        "Synthetic modes that are high-frequency patterns.",
        within(0, MOST, "modes"),
        label="Pattern modes",
    )
    real: int = parameter(
        2,
        "Real images: those of the class with the lowest loss.",
        within(0, MOST, "modes"),
        label="Real modes",
    )
    natural_settings: SynthesisSettings = parameter(NATURAL, "How natural-looking modes are made.")
    pattern_settings: SynthesisSettings = parameter(PATTERN, "How patterns are made.")
    seed: int = parameter(
        0, "Seed of the noise that the synthetic modes grow from, and of random blends.", SEEDS
    )
    connect: ConnectSettings = nested(ConnectSettings, "How the paths are searched.")
    points: CurvePoints = 100
    hull_steps: int = advanced(
        20, "Steps along a side of the grid over three modes. 0: no hulls.", within(0, 100, "steps")
    )
    hull_samples: int = advanced(
        128, "Random blends of every four modes.", within(1, 100_000, "blends")
    )

    def subject(self) -> str:
        return f"{self.title}, {self.label or 'first class'}"

    def check(self) -> None:
        total = self.natural + self.pattern + self.real
        if not 2 <= total <= MOST:
            raise ParameterError(
                f"natural, pattern, real: expected 2 to {MOST} modes together, got {total}."
            )

    def memory(self) -> int:
        """That of the paths of all pairs, and of the blends of every three and every four modes."""
        count = self.natural + self.pattern + self.real
        grid = comb(count, 3) * self.hull_steps**2 // 2
        blends = (grid + comb(count, 4) * self.hull_samples) * (self.hull_steps > 0)
        values = footprint.values_of(self.classifier)
        return (
            footprint.paths(comb(count, 2), self.connect.rounds, values) + footprint.BLEND * blends
        )

    def gradients(self, batch: int) -> int:
        count = self.natural + self.pattern + self.real
        return max(min(batch, count), footprint.bent(comb(count, 2), self.connect, batch))

    @property
    def needs_set(self) -> bool:
        return bool(self.real)

    def digests(self) -> dict[str, str]:
        return super().digests() if self.real else {"weights": cards.digest(self.classifier)}
