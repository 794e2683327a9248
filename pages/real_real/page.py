"""Real–real: choose two images of one class, see what stands between them, connect them."""

from __future__ import annotations

import streamlit as st

from pages.real_real.pictures import DESK, choose
from pages.real_real.result import result_view, straight_view
from pages.shared.pair.view import COARSE, View, pair_view
from pages.shared.paper import paper_line


def render() -> None:
    """The page, from its title to the figures at its bottom."""
    st.title("Real–real", anchor=False)
    paper_line("real-real")
    st.markdown(
        "Two pictures that the classifier gives the same label, and the paths between them. Where "
        "the straight path crosses a *barrier* of high loss, a bent one often does not."
    )
    pair_view(
        View(
            DESK,
            "Pictures and search",
            choose,
            straight_view,
            result_view,
            between="A and C",
            coarse=COARSE,
        )
    )


render()
