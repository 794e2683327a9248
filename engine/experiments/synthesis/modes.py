"""Modes of a class: several of them, synthetic and real, how they connect, where they lie.

"By employing a systematic approach to find and connect these optimal modes, the class-optimal manifold
can be partially explored and analyzed" (Vrabel et al. 2024, sec. 4.3).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb

from engine.classifiers import cards
from engine.declared import CurvePoints
from engine.errors import ParameterError
from engine.experiments import footprint
from engine.experiments.groups import EXPLORATIONS
from engine.experiments.images.spec import SetSpec
from engine.experiments.synthesis.results import ModesResult
from engine.finders.settings import ConnectSettings
from engine.parameters import SEEDS, advanced, nested, parameter, within
from engine.synthesis.settings import NATURAL, PATTERN, SynthesisSettings

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

    @property
    def needs_set(self) -> bool:
        return bool(self.real)

    def digests(self) -> dict[str, str]:
        return super().digests() if self.real else {"weights": cards.digest(self.classifier)}
