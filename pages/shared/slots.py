"""The slots of a desk by number: for pictures that one knows by their place in the set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from pages.shared.desk import Desk
from pages.shared.uploads import uploaded


def number_control(desk: Desk, offered: Mapping[str, Sequence[int]]) -> None:
    """The control that fills slots by number; `offered` lists for each slot the numbers of low loss."""
    with st.popover("Choose by number", icon=":material/tag:", key=desk.key("by_number")):
        for slot, indices in offered.items():
            references = [*map(str, indices), *(f"upload:{digest}" for digest in uploaded())]
            _by_number(desk, slot, references)


def _by_number(desk: Desk, slot: str, references: list[str]) -> None:
    st.selectbox(
        f"Picture {desk.slots[slot]}",
        references,
        key=desk.key(slot),
        bind="query-params",
        on_change=desk.leave,
        accept_new_options=True,
        placeholder="The lowest loss of its class",
        index=None,
        help="Its number in the set. Listed are the pictures of lowest loss; you can type any other.",
    )
