"""Switches: between the views of a page, and between a few things that it can show."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import streamlit as st

from engine.experiments.base import Spec
from pages.shared import address
from pages.shared.address import RUN
from pages.shared.link import spec_of
from pages.shared.paper import paper_line

Views = Mapping[str, Callable[[], None]]
"""By name, in the order of the switch; the first is shown where none is chosen."""


Homes = Mapping[type[Spec], str]
"""Kind of result -> the view that shows it, for kinds of which a link is to open that view."""


def views(title: str, choices: Views, homes: Homes, *, prefix: str, page: str) -> None:
    """The title, the switch, and the view that is chosen, of the page with the address `page`.

    Keys begin with the page's `prefix`.
    """
    key, first = f"{prefix}view", next(iter(choices))
    st.title(title, anchor=False)
    paper_line(page)
    st.session_state[key] = _asked_for(key, choices, homes)
    st.segmented_control(
        "View",
        list(choices),
        key=key,
        required=True,
        on_change=_switched,
        args=(key, first),
        persist_state="session",
        label_visibility="collapsed",
    )
    choices[st.session_state[key]]()


def _asked_for(key: str, choices: Views, homes: Homes) -> str:
    """The view that the address asks for, a link to a result above all; else the one that was left."""
    said = address.said((RUN, key))
    home = homes.get(type(spec_of(said.get(RUN))))  # type: ignore[arg-type]
    stayed, first = address.comes_from(key), next(iter(choices))
    left = first if stayed or said else str(st.session_state.get(key))
    asked = home or said.get(key, left)
    return asked if asked in choices else first


def _switched(key: str, first: str) -> None:
    """The result that the link names belongs to the view that is left."""
    chosen = st.session_state[key]
    address.write({key: None if chosen == first else chosen, RUN: None})


Choice = TypeVar("Choice")


def one_of(
    label: str, choices: Mapping[Choice, str] | Iterable[Choice], key: str, **more: Any
) -> Choice:
    """What is chosen, at first the first one; `choices` are shown by their titles, where they have any.

    The `label` is for screen readers, unless `more`, which is Streamlit's own, shows it.
    """
    titles = choices if isinstance(choices, Mapping) else {one: str(one) for one in choices}
    names = list(titles)
    more = {"default": names[0], "label_visibility": "collapsed", **more}
    chosen = st.segmented_control(
        label, names, key=key, format_func=titles.__getitem__, required=True, **more
    )
    return chosen if chosen in titles else names[0]
