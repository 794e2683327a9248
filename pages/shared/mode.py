"""How the app is deployed: on somebody's own machine, or hosted for visitors. Nothing is drawn here."""

from __future__ import annotations

import os
from dataclasses import dataclass

from engine.errors import ParameterError, unknown_name
from engine.local_files import VARIABLE


@dataclass(frozen=True)
class Mode:
    """What a deployment allows: megabytes an upload, jobs waiting or running for one session.

    A job may compute for `job_seconds` and take `job_share` of the machine's memory; 0: all it wants.
    A zip file may unpack to `unpacked_mb`. Files that wait to be read may take `waiting_mb` of memory for one
    session and four times as much for all of them, and the pictures of one session `kept_mb` of the disk.
    """

    name: str
    upload_mb: int
    unpacked_mb: int
    waiting_mb: int
    kept_mb: int
    active_jobs: int
    job_seconds: int = 0
    job_share: float = 0

    @property
    def hosted(self) -> bool:
        return self.name == "hosted"


MEGABYTE = 2**20

MODES = {
    "local": Mode(
        "local", upload_mb=32, unpacked_mb=1024, waiting_mb=512, kept_mb=10_000, active_jobs=100
    ),
    "hosted": Mode(
        "hosted",
        upload_mb=10,
        unpacked_mb=100,
        waiting_mb=50,
        kept_mb=200,
        active_jobs=3,
        job_seconds=1800,
        job_share=0.4,
    ),
}


def mode() -> Mode:
    """The mode that ISTHMUS_MODE names; UnknownNameError for any other word."""
    name = os.environ.get(VARIABLE, "").strip() or "local"
    if name not in MODES:
        raise unknown_name(VARIABLE, name, MODES)
    return MODES[name]


LOG = "ISTHMUS_LOG"
FORMS = ("text", "json")
METRICS = "ISTHMUS_METRICS"


def log_form() -> str:
    """How the log is written, as ISTHMUS_LOG says; UnknownNameError for any other word."""
    name = os.environ.get(LOG, "").strip() or FORMS[0]
    if name not in FORMS:
        raise unknown_name(LOG, name, FORMS)
    return name


def metrics_port() -> int | None:
    """The port for Prometheus, from ISTHMUS_METRICS; None where there is to be none."""
    words = os.environ.get(METRICS, "").strip()
    if not words:
        return None
    if not words.isdecimal() or not 0 < int(words) < 2**16:
        raise ParameterError(f"{METRICS}: expected the number of a port, got {words!r}.")
    return int(words)
