"""How many modes, of which classifier and which class: the first row of the page."""

from __future__ import annotations

import streamlit as st

from engine.classifiers import card
from engine.classifiers.labels import spec_names
from engine.gallery import SYNTHETIC
from pages.manifold.state import FORMS, LINK, VIEW
from pages.shared.fitting import about
from pages.shared.one_of import one_of


def choice() -> tuple[str, str]:
    """Widgets for view, classifier and class; the view and the class."""
    one_of("View", list(FORMS), VIEW.key, on_change=LINK.leave, persist_state="session")
    form = FORMS[VIEW.held]
    grid = st.grid(2, min_column_width=150)
    with grid.cell():
        classifier = form["classifier"].draw(_other_classifier)
    names = spec_names(card(classifier).classes)
    label = form["label"]
    if label.held not in names:
        LINK.own(label.key, first_class(names))
    chosen = grid.selectbox(
        "Class",
        names,
        key=label.key,
        on_change=LINK.leave,
        persist_state="session",
        help="The class that all modes are made for.",
    )
    st.caption(about(classifier))
    return VIEW.held, chosen


def first_class(names: list[str]) -> str:
    """The class that a new visitor sees: the shipped example's where the classifier has it."""
    shipped = str(SYNTHETIC[0].to_dict()["label"])
    return shipped if shipped in names else names[0]


def _other_classifier() -> None:
    """The classes are others now."""
    st.session_state[FORMS[VIEW.held]["label"].key] = None
    LINK.leave()
