"""The pictures of a pair: classifier, set, class, the grids to choose from, and one's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import zip_longest
from typing import Any

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.typing import UploadedFile

from engine.experiments.images.results import SurveyResult
from pages.shared import service
from pages.shared.controls import by_hand
from pages.shared.fitting import about
from pages.shared.image_sets import CANDIDATES, Sources
from pages.shared.mode import mode
from pages.shared.own_network import add_network
from pages.shared.pair.desk import Desk
from pages.shared.picker import picker
from pages.shared.thumbnails import own, picture_of, thumbnails
from pages.shared.uploads import problem_box, take, upload_box, uploaded
from pages.shared.words import counted

Groups = Mapping[str, tuple[str, ...]]
"""Name of a class -> the slots that take its pictures."""


def sources(desk: Desk, places: int = 1) -> tuple[Sources, list[DeltaGenerator]]:
    """Widgets for classifier, image set and part; their values, and `places` for classes."""
    grid = st.grid(3 + places, min_column_width=150)
    with grid.cell():
        classifier = desk.form["classifier"].draw(desk.other_classifier)
        service.warm(classifier)
    with grid.cell():
        dataset = desk.form["dataset"].draw(desk.other_set)
    with grid.cell():
        split = desk.form["split"].draw(desk.other_set)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(about(classifier))
        if not mode().hosted and st.button(
            "Add a network file", icon=":material/add:", type="tertiary", key=desk.key("add")
        ):
            add_network(desk.key("add"), desk.take_classifier)
    return (classifier, dataset, split), [grid.cell() for _ in range(places)]


def class_chooser(
    desk: Desk, names: Sequence[str], title: str = "Class", disabled: bool = False
) -> str:
    """The widget for the class, one of these names or what the visitor's own pictures are seen as."""
    label, seen = desk.form["label"], desk.seen
    if seen and seen not in names:
        names = [*names, seen]
    if not names:
        return ""
    if seen and label.held != seen:
        desk.link.own(label.key, seen)
    if label.held not in names:
        desk.link.own(label.key, names[0])
    return st.selectbox(
        title,
        names,
        key=label.key,
        on_change=by_hand(label.key, desk.other_set),
        disabled=disabled,
        persist_state="session",
        help="The class that the classifier predicts, correctly where the set says what is shown.",
    )


def right_classes(found: SurveyResult, least: int = 2) -> list[str]:
    """Classes as which so many of the ranked pictures are correctly classified; says if there are none."""
    names = [name for name, rows in found.by_class.items() if len(rows) >= least]
    if not names:
        st.warning(
            f"No {counted(least, 'pictures')} of this set are correctly classified as the same class. "
            "Choose another image set, or another classifier.",
            icon=":material/search_off:",
        )
    return names


def numbers(found: SurveyResult, label: str) -> tuple[int, ...]:
    """Numbers of a class's pictures of lowest loss."""
    rows = found.by_class.get(label, np.empty(0, np.int64))[:CANDIDATES]
    return tuple(int(index) for index in found.index[rows])


def grid(
    desk: Desk,
    sources: Sources,
    found: SurveyResult | None,
    classes: Groups,
    laid: Mapping[str, str],
) -> None:
    """The slots of these classes, and the pictures that are offered for them."""
    offered = own(sources)
    groups = {slot: name for name, slots in classes.items() for slot in slots}
    apart = len(classes) > 1
    if found:
        losses = dict(zip(found.index.tolist(), found.loss.tolist(), strict=True))
        for name in classes:
            offered += thumbnails(sources, numbers(found, name), losses, name if apart else "")
    chosen = {
        slot: (letter, picture_of(sources, laid[slot], offered))
        for slot, letter in desk.slots.items()
        if slot in groups
    }
    picker(
        offered,
        chosen,
        key=desk.key("picker"),
        on_choice=desk.choose,
        groups=groups if apart else None,
    )


def surprise(desk: Desk, change: Callable[..., None], words: str, *about: Any) -> None:
    """The button that puts pictures at random into the slots: `change(*about)` does."""
    st.button(
        "Surprise me",
        icon=":material/casino:",
        key=desk.key("surprise"),
        on_click=change,
        args=about,
        help=words,
    )


def by_number(desk: Desk, offered: Mapping[str, Sequence[int]], laid: Mapping[str, str]) -> None:
    """The control that fills slots by number; `offered` lists for each slot the numbers of low loss."""
    with st.popover("Choose by number", icon=":material/tag:", key=desk.key("by_number")):
        for slot, indices in offered.items():
            st.selectbox(
                f"Picture {desk.slots[slot]}",
                [*map(str, indices), *(f"upload:{digest}" for digest in uploaded())],
                key=desk.form[slot].key,
                on_change=by_hand(desk.form[slot].key, desk.numbered),
                args=(slot,),
                accept_new_options=True,
                placeholder=laid.get(slot) or "The lowest loss of its class",
                index=None,
                persist_state="session",
                help="Its number in the set. Listed are the pictures of lowest loss; you can type any "
                "other.",
            )


def upload_control(desk: Desk, slots: Sequence[str], label: str, note: str) -> None:
    """The control that takes pictures into `slots`, and what was wrong with those that were refused.

    `label` says which pictures are meant, `note` what becomes of the slots that get none.
    """
    words = f". They are scaled and cropped as the classifier needs. {note}"
    upload_box(label, desk.key("upload"), _taken, words, (desk, slots))
    problem_box(st.session_state.get(desk.key("upload_problems"), []))


def _taken(desk: Desk, slots: Sequence[str]) -> None:
    """Read what came; the last ones that are pictures go into the slots, which are emptied if too few."""
    files: list[UploadedFile] = st.session_state[desk.key("upload")] or []
    taken = take(files)
    digests = [each.digest for each in taken if each.digest]
    st.session_state[desk.key("upload_problems")] = [each.problem for each in taken if each.problem]
    if digests:
        references = [f"upload:{digest}" for digest in digests[-len(slots) :]]
        desk.put(dict(zip_longest(slots, references, fillvalue="")))
