"""The page's address: what it says, and how it changes. Every change is one entry of the history.

Streamlit makes an entry of every single parameter that the server sets, and none of what a visitor does
in a widget that it binds itself. So the widgets of the pages are not bound; this room tells the browser.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import streamlit as st
from streamlit.runtime.state import get_session_state

RUN = "run"
"""The query parameter that names a result."""

HERE, BEFORE = "isthmus_here", "isthmus_before"


def said(names: Iterable[str]) -> dict[str, str]:
    """What the address says of these parameters."""
    return {name: st.query_params[name] for name in names if name in st.query_params}


def write(changes: Mapping[str, str | None]) -> None:
    """Change parameters, None takes one away: all of it one entry of the browser's history."""
    with get_session_state().query_params() as address:
        for name, text in changes.items():
            if text is None:
                address.discard_param_no_forward_msg(name)
            else:
                address.set_with_no_forward_msg(name, text)
        address.update()  # tells the browser


def turn() -> None:
    """Called before a page is drawn: what was drawn in the run before is what a visitor comes from."""
    st.session_state[BEFORE] = st.session_state.get(HERE, frozenset())
    st.session_state[HERE] = frozenset()


def comes_from(part: str) -> bool:
    """Whether this part of a page was drawn in the run before; now it is drawn again."""
    st.session_state[HERE] = st.session_state.get(HERE, frozenset()) | {part}
    return part in st.session_state.get(BEFORE, frozenset())
