"""The benchmark of detectors: five attacks, every detector, one table (Vrabel et al. 2024, Table 1)."""

from __future__ import annotations

from dataclasses import dataclass

from engine.attacks import ATTACKS
from engine.experiments.base import Spec
from engine.experiments.detection.contestants import CONTESTANTS
from engine.experiments.detection.detector_judgement import Judgement
from engine.experiments.detection.protocol import PIXELS, BenchmarkSettings
from engine.experiments.detection.results import BenchmarkResult
from engine.experiments.groups import DETECTION
from engine.parameters import nested
from engine.words import counted


@dataclass(frozen=True)
class Detection(BenchmarkSettings):
    """How well each detector tells attacked images from their clean twins, attack by attack."""

    kind = "detection"
    title = "Detector benchmark"
    revision = 2
    listed = DETECTION
    page = "detector"
    in_parts = True
    result_class = BenchmarkResult

    detectors: tuple[str, ...] = nested(
        lambda: tuple(CONTESTANTS),
        "Detectors that compete; all of them at first.",
        collection=True,
        choices=CONTESTANTS,
    )

    def subject(self) -> str:
        attacks = ", ".join(ATTACKS[name].title for name in self.attacks)
        return f"{self.title}, {counted(self.images, 'images')}, {attacks}"

    @property
    def contestants(self) -> tuple[str, ...]:
        return self.detectors

    def judgements(self) -> list[Judgement]:
        """One for each contestant."""
        return [Judgement(**self.given(BenchmarkSettings), name=name) for name in self.detectors]

    def shards(self) -> list[Spec]:
        """The parts that it is computed in: attacked images, then features, then judgements."""
        attacked = [
            part
            for name in self.attacks
            for sample in PIXELS.values()
            for part in self.attacked_shards(name, sample)
        ]
        judgements = self.judgements()
        features = [part for judgement in judgements for part in judgement.parts()]
        return list({part.key(): part for part in (*attacked, *features, *judgements)}.values())
