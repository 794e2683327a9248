"""What comes later on a page: folded, drawn when it is opened, and nothing else is run again for that."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages.shared.fragments import fragment
from pages.shared.shell import told


@fragment
def fold(title: str, icon: str, key: str, draw: Callable[[], object]) -> None:
    """A box with a title, closed at first; `draw` fills it whenever it is open."""
    box = st.expander(title, icon=f":material/{icon}:", key=key, on_change="rerun")
    if box.open:
        with box, told():
            draw()
