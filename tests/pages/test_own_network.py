"""The dialog for a network file: each step says what it found, and only a sound network can be used."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from engine.classifiers import Finding
from pages.shared import own_network

SOUND = Finding("file", "An exported program."), Finding("input", "Pictures.", ("An odd mean.",))
BROKEN = SOUND[0], Finding("input", "Expected pictures.", failed=True)
Ask = Callable[[tuple[Finding, ...]], AppTest]


def page() -> None:
    import streamlit as st

    from pages.shared.own_network import add_network

    def take(name: str) -> None:
        st.session_state["taken"] = name

    if "taken" not in st.session_state:
        add_network("t", take)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Ask:
    def checked(findings: tuple[Finding, ...]) -> AppTest:
        monkeypatch.setattr(own_network, "_checked", lambda name: iter(findings))
        test = AppTest.from_function(page).run()
        test.text_input(key="t_path").set_value("/nets/mine.pt2")
        return test.button(key="t_check").click().run()

    return checked


def test_what_every_step_finds_is_shown_and_a_sound_network_is_taken(asked: Ask) -> None:
    test = asked(SOUND)
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
