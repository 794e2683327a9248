"""Real–adversarial: one pair in depth, and the statistics of thousands."""

from __future__ import annotations

import streamlit as st

from pages.real_adversarial.desk import DESK
from pages.real_adversarial.pictures import choose
from pages.real_adversarial.population.state import LINK
from pages.real_adversarial.population.view import render_population
from pages.real_adversarial.result import result_view, straight_view
from pages.shared.pair.view import View, pair_view
from pages.shared.views import views

PAIR, POPULATION = "One pair", "Population"


def render() -> None:
    """The page, with the view that is chosen or that a link to a population leads to."""
    views(
        "Real–adversarial",
        {PAIR: _render_pair, POPULATION: render_population},
        dict.fromkeys(LINK.kinds, POPULATION),
        prefix="ra_",
        page="real-adversarial",
    )


def _render_pair() -> None:
    st.markdown(
        "A picture K of another class is changed a little, until the classifier sees A's class in it: "
        "an *adversarial* picture, K′. A and K′ get the same label, yet the way between them tends to "
        "be harder than between two real pictures, A and C."
    )
    pair_view(
        View(
            DESK,
            "Pictures, attack and search",
            choose,
            straight_view,
            result_view,
            between="A and K′, and between A and C to compare",
            search="The search for paths",
        )
    )


render()
