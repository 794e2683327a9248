"""Real–adversarial: its views share one address and one switch at the top."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages.real_adversarial.pair import render_pair
from pages.real_adversarial.population import holds, render_population

PAIR, POPULATION = "One pair", "Population"
VIEWS: dict[str, Callable[[], None]] = {PAIR: render_pair, POPULATION: render_population}

VIEW = "ra_view"


def render() -> None:
    """The title, the switch, and the view."""
    st.title("Real–adversarial", anchor=False)
    _follow(st.query_params.get("run"))
    chosen = st.segmented_control(
        "View",
        list(VIEWS),
        default=PAIR,
        key=VIEW,
        bind="query-params",
        required=True,
        on_change=_other_view,
        label_visibility="collapsed",
    )
    VIEWS[chosen]()


def _follow(key: str | None) -> None:
    """A link to a population opens its view, once, whatever else the address says."""
    if key and key != st.session_state.get("ra_followed"):
        st.session_state["ra_followed"] = key
        if holds(key):
            st.session_state[VIEW] = POPULATION


def _other_view() -> None:
    """The result that the link names belongs to the view that is left."""
    st.query_params.pop("run", None)


render()
