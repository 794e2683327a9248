"""The class that is attacked, and its surest picture."""

from __future__ import annotations

import numpy as np
import streamlit as st

from engine.experiments.images.results import SurveyResult
from engine.parameters import LONGEST
from pages.real_adversarial.desk import DESK, SOURCE_CLASS
from pages.shared.controls import by_hand
from pages.shared.words import plain


def source_class(found: SurveyResult, label: str, source: str) -> str:
    """The widget for the class of K; empty where no other class is correctly classified."""
    names = [name for name in found.by_class if name != label]
    if not names:
        st.warning(
            f"No picture of this set is correctly classified as another class than {plain(label)}, so there "
            "is none to attack. Choose another image set, or another classifier.",
            icon=":material/search_off:",
        )
        return ""
    shown = class_of(found, source)
    if shown in names and shown != SOURCE_CLASS.held:
        DESK.link.own(SOURCE_CLASS.key, shown)
    elif SOURCE_CLASS.held not in names:
        DESK.link.own(SOURCE_CLASS.key, _surest(found, names))
    return st.selectbox(
        "Class of K",
        names,
        key=SOURCE_CLASS.key,
        on_change=by_hand(SOURCE_CLASS.key, DESK.choose),
        args=("source", ""),
        persist_state="session",
        help="The class that the classifier predicts for K before the attack, and correctly so.",
    )


def class_of(found: SurveyResult, reference: str) -> str:
    """The class that a picture of the set is correctly classified as; empty where none is known."""
    if not reference.isdecimal() or len(reference) > LONGEST:
        return ""
    rows = np.flatnonzero(found.index == int(reference))
    return next((name for name, own in found.by_class.items() if np.isin(rows, own).any()), "")


def _surest(found: SurveyResult, names: list[str]) -> str:
    """The class whose best picture has the lowest loss."""
    groups = found.by_class
    return min(names, key=lambda name: float(found.loss[groups[name][0]]))
