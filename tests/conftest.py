"""What several tests need: real data, hypothesis settings for shared machines, and who takes which test."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from engine.allocation import wait_asleep

wait_asleep()
if "PYTEST_XDIST_WORKER" in os.environ:
    # There is a worker for each core, and one more.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
# Many tests start processes: what these import is to be compiled once.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

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


LONGEST = (
    "tests/e2e",
    "tests/jobs",
    "tests/test_wheel.py",
    "tests/test_lifeline.py",
    "tests/finders/test_connecting.py",
    "tests/experiments/test_detection.py",
    "tests/test_gallery_numbers.py",
    "tests/experiments/test_golden.py",
    "tests/test_notebooks.py",
    "tests/test_cli.py",
)
"""What takes long is begun first, so that no worker is left alone with it in the end.

The files of a folder stay together, since they share a server and a browser, or a cluster; and who waits
for other processes, as those do, goes beside the other.
"""


def work_of(nodeid: str) -> str:
    """What a test belongs to that one worker does as a whole: its file, or a folder."""
    return next((work for work in LONGEST if nodeid.startswith(work)), nodeid.partition("::")[0])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: two of them wait for a browser or a cluster half of their time."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first."""
    places = {work: place for place, work in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(work_of(item.nodeid), len(places)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Files, and the folders of `LONGEST`, in the order above, each to whoever is free."""
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        _split_scope: Callable[[str], str] = staticmethod(work_of)

    config.option.loadscopereorder = False
    return Scheduling(config, log)


@pytest.fixture
def data_folder(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of real images and weights, also named by ISTHMUS_DATA; skips where there is none."""
    named = os.environ.get("ISTHMUS_DATA")
    folder = Path(named) if named else REPOSITORY.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("needs real data: set ISTHMUS_DATA to a folder that holds it")
    monkeypatch.setenv("ISTHMUS_DATA", str(folder))
    return folder
