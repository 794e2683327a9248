"""The dialog for a network file: each step says what it found, and only a sound network can be used."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from engine.classifiers import Finding
from pages.shared import own_network

SOUND = Finding("file", "An exported program."), Finding("input", "Pictures.", ("An odd mean.",))
BROKEN = SOUND[0], Finding("input", "Expected pictures.", failed=True)
Ask = Callable[..., AppTest]


def page() -> None:
    import streamlit as st

    from pages.shared.own_network import add_network

    def take(name: str) -> None:
        st.session_state["taken"] = name

    if "taken" not in st.session_state:
        add_network("t", take)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Ask:
    def checked(findings: tuple[Finding, ...], path: str = "/nets/mine.pt2") -> AppTest:
        monkeypatch.setattr(own_network, "_checked", lambda name: iter(findings))
        test = AppTest.from_function(page).run()
        test.text_input(key="t_path").set_value(path)
        return test.button(key="t_check").click().run()

    return checked


def test_what_every_step_finds_is_shown_and_a_sound_network_is_taken(asked: Ask) -> None:
    test = asked(SOUND, ' "/nets/mine.pt2" ')
    assert not test.exception
    told = "\n".join(str(one.value) for one in test.markdown)
    assert "**The file opens.** An exported program." in told
    assert "**What goes in.** Pictures." in told
    assert [one.value for one in test.warning] == ["An odd mean."]
    test.button(key="t_use").click().run()
    assert test.session_state["taken"] == "file:/nets/mine.pt2"


def test_a_network_that_fails_a_step_cannot_be_used(asked: Ask) -> None:
    test = asked(BROKEN)
    assert ":red[:material/error:] **What goes in.** Expected pictures." in {
        str(one.value) for one in test.markdown
    }
    assert "t_use" not in {button.key for button in test.button}


@pytest.mark.parametrize("path", ["~nobody-here/mine.pt2", "n" * 300])
def test_what_can_be_no_path_is_said(asked: Ask, path: str) -> None:
    test = asked(SOUND, path)
    assert not test.exception
    assert "Check the path" in test.error[0].value or "whole path" in test.error[0].value


def test_the_step_at_which_a_check_broke_off_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    dies = 'print(\'{"step": "file", "words": "", "doubts": []}\', flush=True); exit(1)'
    monkeypatch.setattr(own_network, "CHECK", dies)
    assert [(one.step, one.failed) for one in own_network._checked("file:mine.pt2")] == [
        ("file", False),
        ("input", True),
    ]
