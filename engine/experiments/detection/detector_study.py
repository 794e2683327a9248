"""What a detector keeps of the clean images that it knows: a part of a benchmark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.detectors import DETECTORS
from engine.detectors.settings import DetectorSettings
from engine.experiments.detection.known_images import Known, KnownSpec
from engine.parameters import fields_of, nested, parameter


@dataclass(frozen=True)
class DetectorSpec(KnownSpec):
    """One detector of a benchmark."""

    detector: str = parameter("mode-connectivity", "Detector.", choices=DETECTORS)
    settings: DetectorSettings = nested(DetectorSettings, "Settings of the detectors.")

    def relevant(self) -> dict[str, Any]:
        """With the settings of its own detector."""
        return {**super().relevant(), "settings": self.settings.relevant_to([self.detector])}


@dataclass(frozen=True)
class Study(DetectorSpec):
    """What a detector keeps of the references. A benchmark makes these."""

    kind = "detector-study"
    title = "What a detector keeps of clean images"
    revision = 1
    part_of = "detection"

    def subject(self) -> str:
        return f"{self.title}, {self.detector}"

    def known(self) -> Known:
        """The clean images that it is given."""
        return Known(**{one.name: getattr(self, one.name) for one in fields_of(KnownSpec)})
