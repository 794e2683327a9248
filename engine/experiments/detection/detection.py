"""The benchmark of detectors: five attacks, every detector, one table (Vrabel et al. 2024, Table 1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from engine.attacks import ATTACKS
from engine.errors import ParameterError, unknown_name
from engine.experiments.base import Spec
from engine.experiments.detection.contestants import CONTESTANTS
from engine.experiments.detection.detector_judgement import Judgement
from engine.experiments.detection.protocol import BenchmarkSettings
from engine.experiments.detection.results import BenchmarkResult
from engine.experiments.groups import DETECTION, Group
from engine.experiments.result import Result
from engine.parameters import Parameter
from engine.words import counted


@dataclass(frozen=True)
class Detection(BenchmarkSettings):
    """How well each detector tells attacked images from their clean twins, attack by attack."""

    kind: ClassVar[str] = "detection"
    title: ClassVar[str] = "Detector benchmark"
    revision: ClassVar[int] = 1
    listed: ClassVar[Group] = DETECTION
    page: ClassVar[str] = "detector"
    in_parts: ClassVar[bool] = True
    result_class: ClassVar[type[Result]] = BenchmarkResult

    detectors: Annotated[
        str, Parameter('Contestants, separated by commas, or "all".', label="Detectors")
    ] = "all"

    def subject(self) -> str:
        attacks = ", ".join(ATTACKS[name].title for name in self.attack_names)
        return f"{self.title}, {counted(self.images, 'images')}, {attacks}"

    def check(self) -> None:
        super().check()
        for name in self.contestants:
            if name not in CONTESTANTS:
                raise unknown_name("contestant", name, CONTESTANTS)
        if not self.contestants:
            raise ParameterError(
                'detectors: expected "all" or names separated by commas, got none.'
            )

    def relevant(self) -> dict[str, Any]:
        return {**super().relevant(), "detectors": ",".join(self.contestants)}

    @property
    def contestants(self) -> tuple[str, ...]:
        """The names of those that compete, each once."""
        if self.detectors.strip() == "all":
            return tuple(CONTESTANTS)
        names = (name.strip() for name in self.detectors.split(","))
        return tuple(dict.fromkeys(name for name in names if name))

    def judgements(self) -> list[Judgement]:
        """One for each contestant."""
        return [Judgement(**self.given(BenchmarkSettings), name=name) for name in self.contestants]

    def shards(self) -> list[Spec]:
        """The parts that it is computed in: attacked images, then features, then judgements."""
        attacked = [part for name in self.attack_names for part in self.attacked_shards(name)]
        judgements = self.judgements()
        features = [part for judgement in judgements for part in judgement.parts()]
        return list({part.key(): part for part in (*attacked, *features, *judgements)}.values())
