"""Connect two pictures: choose two images of one class, see what stands between them, connect them."""

from __future__ import annotations

import streamlit as st

from pages.real_real.pictures import DESK, choose
from pages.real_real.result import lead, result_view, straight_view
from pages.shared.pair.view import COARSE, View, pair_view
from pages.shared.paper import paper_line
from pages.shared.words import meaning


def render() -> None:
    """The page, from its title to the figures at its bottom."""
    st.title("Connect two pictures", anchor=False)
    paper_line("real-real")
    st.markdown(
        "Two pictures of one class: halfway along the straight line between them the classifier loses it. "
        "Around such a *barrier* there is usually a way.",
        help=meaning("barrier", "loss", "nats", "gap"),
    )
    pair_view(
        View(
            DESK,
            "Your own pictures and settings",
            lead,
            choose,
            straight_view,
            result_view,
            between="A and C",
            coarse=COARSE,
        )
    )


render()
