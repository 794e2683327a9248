"""What K is before the attack: its class, and the pictures that a first visit finds in the slots."""

from __future__ import annotations

import numpy as np
import streamlit as st

from engine.experiments.pair.real_adversarial import RealAdversarial
from engine.records import Record
from pages.real_adversarial.state import DESK, START
from pages.shared.ranking import by_class
from pages.shared.thumbnails import Sources

SOURCE_CLASS = DESK.key("source_label")


def begin(sources: Sources, found: Record, label: str) -> None:
    """Put the pictures of a first visit into the slots, where nothing speaks for others."""
    defaults = RealAdversarial()
    usual = sources == (defaults.classifier, defaults.dataset, defaults.split)
    named = SOURCE_CLASS in st.session_state or SOURCE_CLASS in st.query_params
    if usual and DESK.empty() and not named and _class_of(found, START["first"]) == label:
        for slot, reference in START.items():
            st.session_state[DESK.key(slot)] = reference


def source_class(found: Record, label: str) -> str:
    """The widget for the class that K is of; empty where no other class is correctly classified."""
    names = [name for name in by_class(found) if name != label]
    if not names:
        st.warning(
            f"No picture of this set is correctly classified as another class than {label}, so there "
            "is none to attack. Choose another image set, or another classifier.",
            icon=":material/search_off:",
        )
        return ""
    shown = _class_of(found, DESK.reference("source"))
    if shown in names:
        st.session_state[SOURCE_CLASS] = shown
    elif st.session_state.get(SOURCE_CLASS) not in names:
        st.session_state[SOURCE_CLASS] = _surest(found, names)
    chosen = st.selectbox(
        "Class of K",
        names,
        key=SOURCE_CLASS,
        bind="query-params",
        on_change=DESK.choose,
        args=("source", ""),
        help="The class that the classifier predicts for K before the attack, and correctly so.",
    )
    return chosen or names[0]


def _class_of(found: Record, reference: str) -> str:
    """The class that a picture of the set is correctly classified as; empty where none is known."""
    if not reference.isdecimal():
        return ""
    rows = np.flatnonzero(found.arrays["index"] == int(reference))
    return next((name for name, own in by_class(found).items() if np.isin(rows, own).any()), "")


def _surest(found: Record, names: list[str]) -> str:
    """The class whose best picture has the lowest loss."""
    groups = by_class(found)
    return min(names, key=lambda name: float(found.arrays["loss"][groups[name][0]]))
