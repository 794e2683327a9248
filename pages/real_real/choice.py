"""Which classifier, which image set, which class: the first row of the page."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from engine.classifiers import card, known_classifiers
from engine.datasets import ImageSet, known_datasets, load_dataset
from engine.errors import IsthmusError, OfflineError
from engine.experiments.real_real import RealReal
from engine.experiments.survey import Survey
from engine.records import Record
from pages.real_real import state
from pages.shared import service
from pages.shared.job_panel import job_panel
from pages.shared.mode import mode, refuse_local_paths
from pages.shared.words import share

SURVEYED = (200, 2000)
"""Images that are ranked for this page, evenly spread over the set: of large ones fewer ..."""

SURVEYED_VALUES = 60_000_000
"""... so that together they have about this many colour values, which is a matter of seconds."""

CANDIDATES = 48
"""Images of a class that are offered."""


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


def survey(classifier: str, dataset: str, split: str) -> Record | None:
    """The ranking of the set's images by loss; while it is made, its progress is shown instead."""
    images = image_set(classifier, dataset, split)
    few, many = SURVEYED
    limit = max(few, min(many, SURVEYED_VALUES // math.prod(images.shape)))
    if len(images) <= limit:
        limit = 0  # all of them: the ranking that the engine itself would ask for
    spec = Survey(classifier=classifier, dataset=dataset, split=split, limit=limit)
    record, job = service.obtain(spec, patience=1.5)
    if record is None and job is not None and job_panel(job, key="rr_survey"):
        service.submit(spec, service.INTERACTIVE)
        st.rerun()
    return record


@st.cache_resource(show_spinner="Opening the image set …", max_entries=8)
def image_set(classifier: str, dataset: str, split: str) -> ImageSet:
    """The set as the classifier takes it, opened once for all sessions."""
    seen = card(classifier)
    channels, height, width = seen.input_shape
    return load_dataset(dataset, split, (height, width), channels, resize=seen.resize)


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


def by_class(found: Record) -> dict[str, np.ndarray]:
    """Class name -> rows of the survey that are seen as it and not known to be another, lowest loss first."""
    seen, known = found.arrays["prediction"], found.arrays["label"]
    order = np.argsort(found.arrays["loss"], kind="stable")
    right = order[(known[order] == seen[order]) | (known[order] == -1)]
    classes = found.summary["classes"]
    groups: dict[str, np.ndarray] = {}
    for index, name in enumerate(classes):
        # Of classes that share a name the second goes by its number, which the engine takes as well.
        groups[str(index) if name in groups else name] = right[seen[right] == index]
    return {name: rows for name, rows in groups.items() if len(rows)}


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
