"""What several tests need: the folder of real data, and hypothesis settings for shared machines."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from engine.idling import wait_asleep

wait_asleep()

REPOSITORY = Path(__file__).resolve().parent.parent

# A slow moment of the machine is no defect, so examples have no deadline; and the same examples run
# every time, so that a failure can be repeated.
settings.register_profile(
    "isthmus",
    deadline=None,
    derandomize=True,
    database=None,
    max_examples=50,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("isthmus")


@pytest.fixture
def data_folder(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of real images and weights, also named by ISTHMUS_DATA; skips where there is none."""
    named = os.environ.get("ISTHMUS_DATA")
    folder = Path(named) if named else REPOSITORY.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("needs real data: set ISTHMUS_DATA to a folder that holds it")
    monkeypatch.setenv("ISTHMUS_DATA", str(folder))
    return folder
