"""Exported programs and folders of weights, made small for the tests of this folder."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from engine.classifiers import weights
from tests.classifiers.small import DETAILS, Small

Export = Callable[..., Path]


def exported(network: nn.Module, batch: int | None, side: int) -> bytes:
    """A network as torch.export.save writes it."""
    shapes = ({0: torch.export.Dim("n", min=1, max=64)},) if batch is None else None
    images = torch.rand(batch or 2, 3, side, side)
    file = io.BytesIO()
    torch.export.save(torch.export.export(network, (images,), dynamic_shapes=shapes), file)
    return file.getvalue()


@cache
def small(batch: int | None, side: int) -> bytes:
    """The small network, exported once."""
    return exported(Small().eval(), batch, side)


@pytest.fixture
def export(tmp_path: Path) -> Export:
    """Writes a network as `model.pt2` with its JSON; `batch` None means any number of images."""

    def write(
        network: nn.Module | None = None,
        *,
        batch: int | None = None,
        details: dict[str, Any] | None = None,
        side: int = 8,
    ) -> Path:
        path = tmp_path / "model.pt2"
        given = small(batch, side) if network is None else exported(network, batch, side)
        path.write_bytes(given)
        path.with_suffix(".json").write_text(json.dumps(details or DETAILS))
        return path

    return write


@pytest.fixture
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home and an ISTHMUS_DATA folder with nothing in them; the latter is returned."""
    data = tmp_path / "data"
    data.mkdir()
    monkeypatch.setenv("ISTHMUS_DATA", str(data))
    monkeypatch.setattr(weights, "home_folder", lambda: tmp_path / "home")
    return data
