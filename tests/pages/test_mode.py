"""The two modes, and what a hosted server refuses."""

from __future__ import annotations

import pytest

from engine.errors import ParameterError, UnknownNameError
from pages.shared import mode


@pytest.fixture
def hosted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(mode.VARIABLE, "hosted")


def test_the_default_is_ones_own_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(mode.VARIABLE, raising=False)
    assert not mode.mode().hosted
    mode.refuse_local_paths("file:model.pt2", "folder:pictures")


def test_a_misspelt_mode_is_an_error_that_names_the_modes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(mode.VARIABLE, "hostd")
    with pytest.raises(UnknownNameError, match=r"local, hosted"):
        mode.mode()


@pytest.mark.usefixtures("hosted")
@pytest.mark.parametrize("name", ["file:/etc/passwd", "folder:/", "parquet:x.parquet"])
def test_hosted_visitors_cannot_name_the_servers_files(name: str) -> None:
    with pytest.raises(ParameterError, match="hosted demo"):
        mode.refuse_local_paths("shapes", name)
