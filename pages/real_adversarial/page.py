"""Real–adversarial: one pair in depth; its views share one address and one switch at the top."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages.real_adversarial.pair import render_pair

VIEWS: dict[str, Callable[[], None]] = {"One pair": render_pair}


def render() -> None:
    """The title, the switch where there is something to switch, and the view."""
    st.title("Real–adversarial", anchor=False)
    first = next(iter(VIEWS))
    chosen = first
    if len(VIEWS) > 1:
        chosen = st.segmented_control(
            "View",
            list(VIEWS),
            default=first,
            key="ra_view",
            bind="query-params",
            required=True,
            label_visibility="collapsed",
        )
    VIEWS[chosen]()


render()
