"""The benchmark of detectors: five attacks, every detector, one table (Vrabel et al. 2024, Table 1)."""

from __future__ import annotations

from dataclasses import dataclass

from engine.attacks import ATTACKS
from engine.experiments.base import Spec
from engine.experiments.detection.attacked_shard import AttackedShard
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

    def attacked(self) -> dict[tuple[str, str], list[AttackedShard]]:
        """The parts that attacks are made in, by attack and by what it aims at: floats, or files too."""
        aims = PIXELS if self.attack.survive != "no" else {"float": PIXELS["float"]}
        return {
            (name, pixels): self.attacked_shards(name, sample)
            for name in self.attacks
            for pixels, sample in aims.items()
        }

    def shards(self) -> list[Spec]:
        """The parts that it is computed in: attacked images, then features, then judgements."""
        attacked = [part for parts in self.attacked().values() for part in parts]
        judgements = self.judgements()
        features = [part for judgement in judgements for part in judgement.parts()]
        return list({part.key(): part for part in (*attacked, *features, *judgements)}.values())
