"""Which classifier, which image set, which class: the first row of the page."""

from __future__ import annotations

from functools import cache

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from engine.classifiers import card, known_classifiers
from engine.datasets import known_datasets
from engine.errors import IsthmusError, OfflineError
from engine.experiments.real_real import RealReal
from engine.records import Record
from pages.real_real import state
from pages.real_real.ranking import by_class
from pages.shared.mode import mode, refuse_local_paths
from pages.shared.words import share


def sources() -> tuple[tuple[str, str, str], DeltaGenerator]:
    """Widgets for classifier, image set and part; their values, and the place for the class."""
    defaults = RealReal()
    free = not mode().hosted
    grid = st.grid(4, min_column_width=150)
    classifier = grid.selectbox(
        "Classifier",
        _offered(),
        index=_offered().index(defaults.classifier),
        key="rr_classifier",
        bind="query-params",
        on_change=_other_classifier,
        accept_new_options=free,
        help="A trained network. You can also type torchvision:NAME, untrained:NAME or, on your own "
        "machine, file:PATH.pt2 (a PyTorch exported program).",
    )
    sets = known_datasets()
    dataset = grid.selectbox(
        "Image set",
        sets,
        index=sets.index(defaults.dataset),
        key="rr_dataset",
        bind="query-params",
        on_change=state.other_set,
        accept_new_options=True,
        help="Where the pictures come from. You can also type shapes@64 (another size) or, on your "
        "own machine, folder:PATH or parquet:PATH.",
    )
    split = grid.selectbox(
        "Part",
        ("test", "train"),
        key="rr_split",
        bind="query-params",
        on_change=state.other_set,
        help="Test pictures were not used in training.",
    )
    names = (classifier or defaults.classifier, dataset or defaults.dataset, split or "test")
    refuse_local_paths(*names)
    return names, grid.cell()


def about(classifier: str) -> str:
    """A classifier in one line: its title, its accuracy, what else must be said of it."""
    seen = card(classifier)
    right = f"{share(seen.accuracy)} of its test pictures right." if seen.accuracy else ""
    title = seen.title or seen.name
    return " ".join(filter(None, (f"{title}{':' if right else '.'}", right, seen.note)))


def class_chooser(found: Record) -> str:
    """The widget for the class; offers those with at least two pictures. Empty if there is none."""
    names = [name for name, members in by_class(found).items() if len(members) > 1]
    if not names:
        st.warning(
            "The classifier gives no two pictures of this set the class that they belong to. "
            "Choose another image set, or another classifier.",
            icon=":material/search_off:",
        )
        return ""
    if st.session_state.get("rr_label") not in (None, *names):
        st.session_state["rr_label"] = names[0]
    label = st.selectbox(
        "Class",
        names,
        key="rr_label",
        bind="query-params",
        on_change=state.other_set,
        help="What the classifier sees, and sees rightly where the set says what is shown.",
    )
    return label or names[0]


@cache
def _offered() -> list[str]:
    return list(known_classifiers())


def _other_classifier() -> None:
    """Bring the classifier's own image set along."""
    state.other_set()
    st.session_state["rr_label"] = None
    try:
        own = card(st.session_state["rr_classifier"]).dataset
    except (IsthmusError, OfflineError):
        return
    if own in known_datasets():
        st.session_state["rr_dataset"] = own
