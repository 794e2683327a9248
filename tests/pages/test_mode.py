"""The two modes."""

from __future__ import annotations

import pytest

from engine.errors import UnknownNameError
from pages.shared import mode


def test_the_default_is_ones_own_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(mode.VARIABLE, raising=False)
    assert not mode.mode().hosted


def test_a_misspelt_mode_is_an_error_that_names_the_modes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(mode.VARIABLE, "hostd")
    with pytest.raises(UnknownNameError, match=r"local, hosted"):
        mode.mode()
