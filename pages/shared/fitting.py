"""Classifiers and image sets: what is to be said of one, and whether a set shows what it knows."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from engine.classifiers import card, digest, labels_of
from engine.classifiers.listings import LISTINGS
from engine.classifiers.weights import find_weights
from engine.datasets import ImageSet, known_datasets
from engine.errors import ClassesError, IsthmusError
from engine.experiments.base import Spec
from engine.experiments.images.spec import remarks_on
from engine.records import Record
from pages.shared.image_sets import fetch, here, image_set
from pages.shared.words import counted, plain, share

Keys = tuple[str, str]
"""The keys of the widgets for the classifier and for the image set."""


def own_set(classifier: str) -> str:
    """The image set that a classifier was trained on, where it is known here; else empty."""
    try:
        own = card(classifier).dataset or ""
    except IsthmusError:
        return ""
    return own if own in known_datasets() else ""


def about(classifier: str) -> str:
    """A classifier in one line: its title, its accuracy, what else must be said of it."""
    seen = card(classifier)
    right = f"{share(seen.accuracy)} of its test pictures right." if seen.accuracy else ""
    title = seen.title or seen.name
    named = ", ".join(seen.classes[:3]) + (" and others" if len(seen.classes) > 3 else "")
    knows = f"It tells apart {counted(len(seen.classes), 'classes')}: {named}."
    return " ".join(filter(None, (f"{title}{':' if right else '.'}", right, knows, seen.note)))


def fits(sources: tuple[str, str, str], keys: Keys, changed: Callable[[], None]) -> bool:
    """Whether the classifier knows a class of the set; if not, says so and offers what would fit.

    `sources` names classifier, set and part. `changed` is called when an offer is taken, and forgets
    what has been chosen for the set before.
    """
    classifier, dataset, split = sources
    digest(classifier)  # weights that are missing are told of before a set is downloaded
    fetch(dataset, split)
    data = image_set(*sources)
    try:
        labels_of(data, card(classifier))
    except ClassesError as error:
        with st.container(border=True):
            st.error(plain(str(error)), icon=":material/category:")
            with st.container(horizontal=True):
                _offer(own_set(classifier), "image set", keys[1], changed, primary=True)
                _offer(_knowing(data), "classifier", keys[0], changed, primary=False)
        return False
    for remark in remarks_on(data, classifier):
        st.caption(plain(remark))
    return True


def objection(record: Record) -> str:
    """What is wrong with a stored result on a set of other classes than the classifier's; else empty.

    Nothing makes such a result any more, but one may have been stored before, or brought in.
    """
    return _objection(record.key, record.spec)


@st.cache_resource(show_spinner=False, max_entries=64, ttl="10m")
def _objection(key: str, _spec: Spec) -> str:
    values = _spec.to_dict()
    values |= values.get("benchmark", {})
    try:
        if "dataset" in values and here(values["dataset"], values["split"]):
            _spec.digests()
    except ClassesError as error:
        return f"This result says nothing. {error}"
    except IsthmusError:
        return ""  # what it was made from is not at hand, so nothing can be held against it
    return ""


def _offer(name: str, what: str, key: str, changed: Callable[[], None], *, primary: bool) -> None:
    """A button that puts a name into a widget; none where there is no name."""
    if name:
        st.button(
            f"Take the {what} {name}",
            type="primary" if primary else "secondary",
            key=f"{key}_fitting",
            on_click=_take,
            args=(name, key, changed),
        )


def _take(name: str, key: str, changed: Callable[[], None]) -> None:
    st.session_state[key] = name
    changed()


def _knowing(data: ImageSet) -> str:
    """A classifier whose weights are here and that knows classes of the set; empty if there is none."""
    for name in LISTINGS:
        try:
            if find_weights(name) and (labels_of(data, card(name)) >= 0).any():
                return name
        except IsthmusError:
            continue
    return ""
