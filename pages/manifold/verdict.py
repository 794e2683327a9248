"""How an exploration ended, in one line."""

from __future__ import annotations

import streamlit as st


def verdict(connected: bool, words: str) -> None:
    """What was found, in green where all is connected."""
    if connected:
        st.success(words, icon=":material/check_circle:")
    else:
        st.warning(words, icon=":material/warning:")
