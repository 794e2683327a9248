"""The page's address: what it says, and how it changes. Every change is one entry of the history.

Streamlit makes an entry of every single parameter that the server sets, and none of what a visitor does
in a widget that it binds itself. So the widgets of the pages are not bound; this room tells the browser.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterable, Mapping
from typing import NoReturn
from urllib.parse import urlencode

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.state import get_session_state
from streamlit.runtime.state.query_params import QueryParams

RUN = "run"
"""The query parameter that names a result."""

HERE, BEFORE, WRITTEN = "isthmus_here", "isthmus_before", "isthmus_written"

LATE_SECONDS = 2.0
"""How long after a change a browser may still report the address from before it."""


def said(names: Iterable[str]) -> dict[str, str]:
    """What the address says of these parameters."""
    return {name: st.query_params[name] for name in names if name in st.query_params}


def write(changes: Mapping[str, str | None]) -> None:
    """Change parameters, None takes one away: all of it one entry of the browser's history."""
    before = st.query_params.to_dict()
    with get_session_state().query_params() as address:
        _put(address, changes)
        address.update()  # tells the browser
    st.session_state[WRITTEN] = before, st.query_params.to_dict(), time.monotonic()


def go(page: str, query: Mapping[str, str]) -> NoReturn:
    """Open the page with this address: one entry of the history, as a click on a link makes it.

    `st.switch_page` would make two, the first of them this page with the other's query.
    """
    where = json.dumps(f"{page}?{urlencode(query)}")
    st.html(
        f"<script>history.pushState({{}}, '', {where});"
        "dispatchEvent(new PopStateEvent('popstate'))</script>",
        unsafe_allow_javascript=True,
    )
    st.stop()


def turn() -> None:
    """Called before a page is drawn: what was drawn in the run before is what a visitor comes from."""
    _catch_up(LATE_SECONDS)
    if st.query_params.to_dict() != st.session_state.get(WRITTEN, ({}, {}))[1]:
        st.session_state.pop(WRITTEN, None)  # the visitor went elsewhere
    st.session_state[BEFORE] = st.session_state.get(HERE, frozenset())
    st.session_state[HERE] = frozenset()


def run_again() -> NoReturn:
    """Run the page again, from a part of it that runs by itself: a timer never means another address.

    However late the browser heard of the one written last, that one stands.
    """
    _catch_up(math.inf)
    st.rerun()


def comes_from(part: str) -> bool:
    """Whether this part of a page was drawn in the run before; now it is drawn again."""
    st.session_state[HERE] = st.session_state.get(HERE, frozenset()) | {part}
    return part in st.session_state.get(BEFORE, frozenset())


def _catch_up(late_seconds: float) -> None:
    """Undo an address that was reported before the browser heard of the one written last.

    Whatever runs the page just then, a timer or a second click, brings the former address along; only
    Back means it.
    """
    before, after, when = st.session_state.get(WRITTEN, ({}, {}, -math.inf))
    context, now = get_script_run_ctx(), st.query_params.to_dict()
    late = now == before != after and time.monotonic() - when < late_seconds
    if late and context and not context.is_history_navigation:
        with get_session_state().query_params() as address:
            _put(address, {**dict.fromkeys(before), **after})
            context.query_string = urlencode(after)


def _put(address: QueryParams, changes: Mapping[str, str | None]) -> None:
    for name, text in changes.items():
        if text is None:
            address.discard_param_no_forward_msg(name)
        else:
            address.set_with_no_forward_msg(name, text)
