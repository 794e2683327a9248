"""Which processes are started: one worker for each device, told so by its environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.jobs import Jobs, own
from engine.records import Store
from tests.jobs.conftest import finish
from tests.toys import Toy

GPUS = ["GPU-11111111-aaaa", "GPU-22222222-bbbb"]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder where programs are looked for first, and nothing set."""
    for name in ("CUDA_VISIBLE_DEVICES", "ISTHMUS_DEVICE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def program(machine: Path, text: str) -> None:
    path = machine / "nvidia-smi"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def test_a_machine_without_gpus_has_one_worker(machine: Path) -> None:
    assert own._devices() == [{}]
    program(machine, "exit 9")
    assert own._devices() == [{}]


def test_each_gpu_has_a_worker(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(machine, f"printf '%s\\n' {' '.join(GPUS)}")
    assert own._devices() == [{"CUDA_VISIBLE_DEVICES": name} for name in GPUS]
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1, 3")
    assert own._devices() == [{"CUDA_VISIBLE_DEVICES": "1"}, {"CUDA_VISIBLE_DEVICES": "3"}]
    for none in ("", "-1"):
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", none)
        assert own._devices() == [{}]
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    monkeypatch.setenv("ISTHMUS_DEVICE", "cpu")
    assert own._devices() == [{}]


def test_a_start_that_fails_is_told_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own.sys, "executable", "/no/such/python")
    queue = Jobs(Store(tmp_path / "store", shipped=None))
    job = finish(queue.submit(Toy(seed=1)))
    assert job.state == "failed"
    assert "could not be started" in job.error
    monkeypatch.undo()
    assert finish(queue.submit(Toy(seed=1))).state == "done"
    queue.close()
