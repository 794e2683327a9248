"""Which classifier, which class, and how many modes: the first row of the page."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import streamlit as st

from engine.classifiers import card, known_classifiers
from engine.experiments.synthesis.manifold import Manifold
from engine.gallery import SYNTHETIC
from pages.manifold import state
from pages.shared.mode import mode
from pages.shared.words import share


@dataclass(frozen=True)
class Choice:
    """A view, a classifier and one of its classes."""

    view: str
    classifier: str
    label: str


def choice() -> Choice:
    """Widgets for view, classifier and class; their values."""
    view = st.segmented_control(
        "View",
        list(state.VIEWS),
        default=state.TWO,
        key="mf_view",
        required=True,
        bind="query-params",
        on_change=state.leave,
        label_visibility="collapsed",
    )
    grid = st.grid(2, min_column_width=150)
    classifier = grid.selectbox(
        "Classifier",
        _offered(),
        index=_offered().index(Manifold().classifier),
        key="mf_classifier",
        bind="query-params",
        on_change=_other_classifier,
        accept_new_options=not mode().hosted,
        help="A trained network. You can also type torchvision:NAME, untrained:NAME or, on your own "
        "machine, file:PATH.pt2 (a PyTorch exported program).",
    )
    classifier = classifier or Manifold().classifier
    seen = card(classifier)
    names = class_names(seen.classes)
    if st.session_state.get("mf_label") not in (None, *names):
        st.session_state["mf_label"] = first_class(names)
    label = grid.selectbox(
        "Class",
        names,
        index=names.index(first_class(names)),
        key="mf_label",
        bind="query-params",
        on_change=state.leave,
        help="The class that all modes are made for.",
    )
    right = f" {share(seen.accuracy)} of its test pictures right." if seen.accuracy else ""
    st.caption(f"{seen.title or seen.name}{':' if right else '.'}{right} {seen.note}".strip())
    return Choice(view or state.TWO, classifier, label or names[0])


def class_names(classes: tuple[str, ...]) -> list[str]:
    """The classes as the widget offers them: of those that share a name, the later by number."""
    taken: set[str] = set()
    names = []
    for index, name in enumerate(classes):
        names.append(str(index) if name.casefold() in taken else name)
        taken.add(name.casefold())
    return names


def first_class(names: list[str]) -> str:
    """The class that a new visitor sees: the shipped example's where the classifier has it."""
    shipped = str(SYNTHETIC[0].to_dict()["label"])
    return shipped if shipped in names else names[0]


@cache
def _offered() -> list[str]:
    return list(known_classifiers())


def _other_classifier() -> None:
    """The classes are others now."""
    st.session_state["mf_label"] = None
    state.leave()
