"""Choosing where networks run."""

from __future__ import annotations

import pytest
import torch

from engine.devices import choose_device
from engine.errors import ParameterError


@pytest.fixture
def gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that says it has two GPUs."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", True)


def test_a_gpu_is_preferred_where_there_is_one(gpus: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ISTHMUS_DEVICE", raising=False)
    assert choose_device() == torch.device("cuda:0"), "as tensors there name it"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert choose_device() == torch.device("cpu")


def test_the_name_beats_the_variable(gpus: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ISTHMUS_DEVICE", "cuda:1")
    assert choose_device() == torch.device("cuda:1")
    assert choose_device("cpu") == torch.device("cpu")


def test_float32_stays_float32_on_a_gpu_and_its_bits_the_same(
    gpus: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.backends.cudnn, "deterministic", False)
    choose_device("cuda")
    assert not torch.backends.cudnn.allow_tf32
    assert torch.backends.cudnn.deterministic


def test_a_gpu_that_is_not_there(gpus: None) -> None:
    with pytest.raises(ParameterError, match=r"'cuda:2' is not there: this machine has 2 GPU"):
        choose_device("cuda:2")


@pytest.mark.parametrize("name", ["gpu", "cuda:x", "meta", "0", "xpu"])
def test_a_name_that_is_no_device(name: str) -> None:
    with pytest.raises(ParameterError, match="expected cpu, cuda"):
        choose_device(name)
