"""A page with several views: one address, one switch at the top, and links that open the right one."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

Views = Mapping[str, Callable[[], None]]
"""By name, in the order of the switch; the first is shown where none is chosen."""


def views(title: str, choices: Views, home_of: Callable[[str], str | None], *, prefix: str) -> None:
    """The title, the switch, and the view that is chosen.

    `home_of` names the view that shows the result of a key, None where any may. Keys begin with the
    page's `prefix`.
    """
    view = f"{prefix}view"
    st.title(title, anchor=False)
    _follow(st.query_params.get("run"), home_of, view, f"{prefix}followed")
    chosen = st.segmented_control(
        "View",
        list(choices),
        default=next(iter(choices)),
        key=view,
        bind="query-params",
        required=True,
        on_change=_other_view,
        label_visibility="collapsed",
    )
    choices[chosen]()


def _follow(
    key: str | None, home_of: Callable[[str], str | None], view: str, followed: str
) -> None:
    """A link to a result opens the view that shows it, once, whatever else the address says."""
    if key and key != st.session_state.get(followed):
        st.session_state[followed] = key
        home = home_of(key)
        if home:
            st.session_state[view] = home


def _other_view() -> None:
    """The result that the link names belongs to the view that is left."""
    st.query_params.pop("run", None)
