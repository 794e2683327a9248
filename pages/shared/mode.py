"""How the app is deployed: on somebody's own machine, or hosted for visitors. Nothing is drawn here."""

from __future__ import annotations

import os
from dataclasses import dataclass

from engine.errors import unknown_name
from engine.local_files import VARIABLE


@dataclass(frozen=True)
class Mode:
    """What a deployment allows: megabytes an upload, jobs waiting or running for one session."""

    name: str
    upload_mb: int
    active_jobs: int

    @property
    def hosted(self) -> bool:
        return self.name == "hosted"


MODES = {
    "local": Mode("local", upload_mb=32, active_jobs=100),
    "hosted": Mode("hosted", upload_mb=10, active_jobs=3),
}


def mode() -> Mode:
    """The mode that ISTHMUS_MODE names; UnknownNameError for any other word."""
    name = os.environ.get(VARIABLE, "").strip() or "local"
    if name not in MODES:
        raise unknown_name(VARIABLE, name, MODES)
    return MODES[name]
