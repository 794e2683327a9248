"""The switch of a page between a few things that it can show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import streamlit as st

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
