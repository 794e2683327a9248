"""The view from its introduction to its figures."""

from __future__ import annotations

import streamlit as st

from engine.experiments.population.pair_statistics import PairStatistics
from engine.records import Record
from pages.real_adversarial.population.attacks import attacks_view
from pages.real_adversarial.population.choice import choice
from pages.real_adversarial.population.result import result_view
from pages.real_adversarial.population.state import FORMS, LINK, PART
from pages.real_adversarial.population.timing import timing
from pages.shared.sweep import Sweep
from pages.shared.views import one_of


def _draw(record: Record) -> None:
    (result_view if isinstance(record.spec, PairStatistics) else attacks_view)(record)


SWEEP = Sweep(
    LINK,
    "Pairs and attack",
    choice,
    lambda spec: (spec.split,),
    timing,
    _draw,
    "A hundred pairs show the tendency; the paper has 5,000 of each kind.",
)


def render_population() -> None:
    """The whole view."""
    st.markdown(
        "The straight paths of many pairs: *real–real*, two images of a class; and *real–adversarial*, an "
        "image of the class and one of another class that is attacked until it is seen as the first. The "
        "*height* of a barrier is the highest loss on the path, its *gap* what that adds to the higher end "
        "(the paper's sec. 4.2 and Fig. 6)."
    )
    with LINK.opened() as link:
        one_of(
            "Populations of", list(FORMS), PART.key, on_change=LINK.leave, persist_state="session"
        )
        SWEEP.view(link)
