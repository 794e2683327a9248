"""What a detector keeps of the clean images that it knows: a part of a benchmark."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from engine.detectors import DETECTORS
from engine.detectors.settings import DetectorSettings
from engine.experiments.detection.known_images import Known, KnownSpec
from engine.parameters import Parameter, fields_of

if TYPE_CHECKING:
    pass


@dataclass(frozen=True)
class DetectorSpec(KnownSpec):
    """One detector of a benchmark."""

    detector: Annotated[str, Parameter("Detector.", choices=DETECTORS)] = "mode-connectivity"
    settings: Annotated[DetectorSettings, Parameter("Settings of the detectors.")] = field(
        default_factory=DetectorSettings
    )

    def relevant(self) -> dict[str, Any]:
        """With the settings of its own detector."""
        return {**super().relevant(), "settings": self.settings.relevant_to([self.detector])}


@dataclass(frozen=True)
class Study(DetectorSpec):
    """What a detector keeps of the references. A benchmark makes these."""

    kind: ClassVar[str] = "detector-study"
    title: ClassVar[str] = "What a detector keeps of clean images"
    revision: ClassVar[int] = 1
    part_of: ClassVar[str] = "detection"

    def subject(self) -> str:
        return f"{self.title}, {self.detector}"

    def known(self) -> Known:
        """The clean images that it is given."""
        return Known(**{one.name: getattr(self, one.name) for one in fields_of(KnownSpec)})
