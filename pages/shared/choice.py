"""Which classifier, which image set, which class: the first row of a page."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from engine.classifiers import card, known_classifiers
from engine.datasets import known_datasets
from engine.records import Record
from pages.shared.desk import Desk
from pages.shared.fitting import bring_own_set, fits, follow_address
from pages.shared.mode import mode
from pages.shared.ranking import by_class
from pages.shared.words import share


def sources(desk: Desk, places: int = 1) -> tuple[tuple[str, str, str], list[DeltaGenerator]]:
    """Widgets for classifier, image set and part; their values, and `places` for classes."""
    defaults = desk.kind().to_dict()
    follow_address((desk.key("classifier"), desk.key("dataset")))
    grid = st.grid(3 + places, min_column_width=150)
    with grid.cell():
        classifier = classifier_box(
            desk.key("classifier"), defaults["classifier"], lambda: _other_classifier(desk)
        )
    with grid.cell():
        dataset = set_box(desk.key("dataset"), defaults["dataset"], desk.other_set)
    split = grid.selectbox(
        "Part",
        ("test", "train"),
        key=desk.key("split"),
        bind="query-params",
        on_change=desk.other_set,
        help="Test pictures were not used in training.",
    )
    names = (classifier, dataset, split or "test")
    return names, [grid.cell() for _ in range(places)]


def classifier_box(key: str, default: str, on_change: Callable[[], None]) -> str:
    """The widget for the classifier; any name may be typed on one's own machine."""
    chosen = st.selectbox(
        "Classifier",
        _offered(),
        index=_offered().index(default),
        key=key,
        bind="query-params",
        on_change=on_change,
        accept_new_options=not mode().hosted,
        help="A trained network. You can also type torchvision:NAME, untrained:NAME or, on your own "
        "machine, file:PATH.pt2 (a PyTorch exported program).",
    )
    return chosen or default


def set_box(key: str, default: str, on_change: Callable[[], None] | None = None) -> str:
    """The widget for the image set; any name may be typed."""
    sets = known_datasets()
    chosen = st.selectbox(
        "Image set",
        sets,
        index=sets.index(default),
        key=key,
        bind="query-params",
        on_change=on_change,
        accept_new_options=True,
        help="Where the pictures come from. You can also type shapes@64 (another size) or, on your "
        "own machine, folder:PATH or parquet:PATH.",
    )
    return chosen or default


def about(classifier: str) -> str:
    """A classifier in one line: its title, its accuracy, what else must be said of it."""
    seen = card(classifier)
    right = f"{share(seen.accuracy)} of its test pictures right." if seen.accuracy else ""
    title = seen.title or seen.name
    return " ".join(filter(None, (f"{title}{':' if right else '.'}", right, seen.note)))


def class_chooser(desk: Desk, found: Record, title: str = "Class", disabled: bool = False) -> str:
    """The widget for the class; offers those with at least two pictures. Empty if there is none."""
    names = [name for name, members in by_class(found).items() if len(members) > 1]
    if not names:
        st.warning(
            "No two pictures of this set are correctly classified as the same class. "
            "Choose another image set, or another classifier.",
            icon=":material/search_off:",
        )
        return ""
    if st.session_state.get(desk.key("label"), names[0]) not in names:
        st.session_state[desk.key("label")] = names[0]
    label = st.selectbox(
        title,
        names,
        key=desk.key("label"),
        bind="query-params",
        on_change=desk.other_set,
        disabled=disabled,
        help="The class that the classifier predicts, correctly where the set says what is shown.",
    )
    return label or names[0]


@cache
def _offered() -> list[str]:
    return list(known_classifiers())


def set_fits(desk: Desk, names: tuple[str, str, str]) -> bool:
    """Whether the classifier knows a class of the set; if not, says so and offers what would fit."""
    keys = desk.key("classifier"), desk.key("dataset")
    return fits(names, keys, lambda: _without_class(desk))


def _without_class(desk: Desk) -> None:
    """Classes and pictures chosen so far are of another set or classifier."""
    desk.other_set()
    st.session_state[desk.key("label")] = None


def _other_classifier(desk: Desk) -> None:
    _without_class(desk)
    bring_own_set((desk.key("classifier"), desk.key("dataset")))
