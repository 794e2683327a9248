"""An address that a browser reports late, to a part of the page that runs by itself."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

FORMER, WRITTEN = {"rr_label": "5"}, {"rr_label": "5", "run": "abc"}


def page() -> None:
    """Writes an address where it is asked to; runs a part of itself where it is."""
    import streamlit as st

    from pages.shared import address

    if st.session_state.pop("alone", False):
        address.run_again()
    address.turn()
    if st.session_state.pop("write", False):
        address.write({"run": "abc"})


def report(test: AppTest, said: dict[str, str], *, alone: bool) -> dict[str, str]:
    """What the address is after a run that brings another one along."""
    test.query_params.clear()
    test.query_params.update(said)
    test.session_state["alone"] = alone
    test.run()
    assert not test.exception
    said = {name: test.query_params[name] for name in test.query_params}
    return {name: one if isinstance(one, str) else one[0] for name, one in said.items()}


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """A page that wrote its address long ago."""
    monkeypatch.setattr("pages.shared.address.LATE_SECONDS", 0.0)
    test = AppTest.from_function(page)
    test.query_params.update(FORMER)
    test.session_state["write"] = True
    return test.run()


def test_however_late_the_former_address_comes_a_timer_does_not_bring_it_back(written):
    assert report(written, FORMER, alone=True) == WRITTEN
    assert report(written, FORMER, alone=True) == WRITTEN


def test_a_visitor_who_went_back_stays_there(written):
    assert report(written, FORMER, alone=False) == FORMER
    assert report(written, FORMER, alone=True) == FORMER


def test_a_timer_knows_no_other_address_than_the_former(written):
    other = {"rr_label": "7"}
    assert report(written, other, alone=True) == other
