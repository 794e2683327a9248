"""Detectors of adversarial images, one file each behind one contract (`base`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.called import answers
from engine.methods import Methods

if TYPE_CHECKING:
    from engine.detectors.base import Detector

DETECTORS: Methods[Detector] = Methods("detector", __name__)


def _known() -> tuple[str, ...]:
    """Names of the detectors that `engine.make_detector` knows."""
    return tuple(DETECTORS)


answers(__name__, _known)
