"""How the app is deployed: on somebody's own machine, or hosted for visitors. Nothing is drawn here."""

from __future__ import annotations

import os
from dataclasses import dataclass

from engine.errors import ParameterError, unknown_name

VARIABLE = "ISTHMUS_MODE"
LOCAL_SCHEMES = ("file:", "folder:", "parquet:")


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


def refuse_local_paths(*names: str) -> None:
    """ParameterError where a visitor names files of the server."""
    if not mode().hosted:
        return
    for name in names:
        if name.startswith(LOCAL_SCHEMES):
            raise ParameterError(
                f"{name.partition(':')[0]}: is not available on this hosted demo, because it would "
                "read the server's own disk. Upload images instead, or run Isthmus on your machine."
            )
