"""Detectors of adversarial images, one file each behind one contract (`base`); `detecting` knows them all."""

from __future__ import annotations

from typing import get_args

from engine.called import answers


def _known() -> tuple[str, ...]:
    """Names of the detectors that `engine.make_detector` knows."""
    from engine.detectors.settings import DetectorName

    return get_args(DetectorName)


answers(__name__, _known)
