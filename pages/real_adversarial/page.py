"""Attack a picture: one pair in depth, and the statistics of thousands."""

from __future__ import annotations

import streamlit as st

from pages.real_adversarial.desk import DESK
from pages.real_adversarial.pictures import choose
from pages.real_adversarial.population.choice import LINK
from pages.real_adversarial.population.view import render_population
from pages.real_adversarial.result import lead, result_view, straight_view
from pages.shared.pair.view import View, pair_view
from pages.shared.views import views
from pages.shared.words import meaning

PAIR, POPULATION = "One pair", "Population"


def render() -> None:
    """The page, with the view that is chosen or that a link to a population leads to."""
    views(
        "Attack a picture",
        {PAIR: _render_pair, POPULATION: render_population},
        dict.fromkeys(LINK.kinds, POPULATION),
        prefix="ra_",
        page="real-adversarial",
    )


def _render_pair() -> None:
    st.markdown(
        "A change too small to matter to you, and the classifier is sure of another class. What gives "
        "K′ away is the way to it: between K′ and real pictures stand higher barriers.",
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
            between="A and K′, and between A and C to compare",
            search="The search for paths",
        )
    )


render()
