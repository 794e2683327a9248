"""A store of its own for each test, and a diary in which the toy experiment notes its runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.records import Store
from tests.toys import DIARY


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store", shipped=None)


@pytest.fixture
def diary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(DIARY, str(tmp_path / "diary"))
    return tmp_path / "diary"
