"""How detectors work: the settings of each, and variants. No torch, for pages read this."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from engine.detectors import DETECTORS
from engine.methods import GroupedSettings, Methods
from engine.parameters import Parameter

Variant = Annotated[
    Literal["published", "corrected"],
    Parameter("As in the published code, or with its defect put right."),
]


@dataclass(frozen=True, init=False, repr=False)
class DetectorSettings(GroupedSettings):
    """The settings of every detector."""

    kin: ClassVar[Methods[Any]] = DETECTORS
