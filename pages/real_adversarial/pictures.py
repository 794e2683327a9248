"""Which pictures: A and C of one class, K of another, from grids, by number, or one's own K."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from engine.experiments.images.results import SurveyResult
from pages.real_adversarial.aim import aim_form
from pages.real_adversarial.desk import DESK, SOURCE_CLASS, START
from pages.real_adversarial.source import class_of, source_class
from pages.shared.image_sets import CANDIDATES, Sources, survey
from pages.shared.pair.choosing import (
    by_number,
    class_chooser,
    grid,
    numbers,
    right_classes,
    sources,
    surprise,
    upload_control,
)
from pages.shared.words import plain


def pictures_of(label: str, laid: Mapping[str, str], targeted: bool) -> dict[str, str]:
    """What a spec says of the pictures.

    The class matters only where the engine chooses A and C, and neither where K′ decides on it.
    """
    if not targeted:
        return {"label": "", "first": "", "source": laid["source"], "second": ""}
    return {"label": "" if laid["first"] or laid["second"] else label, **laid}


def own_choice(sources: Sources, found: SurveyResult, label: str) -> dict[str, str]:
    """The pictures that the page chooses where the visitor has chosen none."""
    if not DESK.empty():
        return {}
    usual = sources == tuple(DESK.form[name].start for name in ("classifier", "dataset", "split"))
    if usual and not DESK.link.chosen(SOURCE_CLASS) and class_of(found, START["first"]) == label:
        return START
    return dict(zip(("first", "second"), map(str, numbers(found, label)), strict=False))


def choose() -> dict[str, Any] | None:
    """Widgets for pictures and attack; what the spec is to say of them, None where there are none yet."""
    names, (for_class, for_source) = sources(DESK, places=2)
    if not DESK.fits(names):
        return None
    found = survey(names, key=DESK.key("survey"))
    if found is None:
        return None
    chosen, attack = st.container(), st.container()
    with attack:
        aim = aim_form(DESK.form, DESK.link.leave)
    with for_class:
        classes = right_classes(found, least=1)
        label = class_chooser(DESK, classes, "Class of A and C", disabled=not aim["targeted"])
    if not label:
        return None
    own = own_choice(names, found, label)
    with for_source:
        other = source_class(found, label, DESK.reference("source") or own.get("source", ""))
    if not other:
        return None
    laid = DESK.laid({"source": str(numbers(found, other)[0]), **own})
    with chosen:
        _pictures(names, found, {label: ("first", "second"), other: ("source",)}, laid, aim)
    return {**pictures_of(label, laid, aim["targeted"]), **aim}


def _pictures(
    sources: Sources,
    found: SurveyResult,
    classes: dict[str, tuple[str, ...]],
    laid: Mapping[str, str],
    aim: Mapping[str, Any],
) -> None:
    """The grids, and the other ways to fill the slots."""
    label, other = classes
    shown = classes if aim["targeted"] else {other: ("source",)}
    grid(DESK, sources, found, shown, laid)
    _caption(found, label, other, aim["targeted"])
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.popover("Use your own picture", icon=":material/upload:", key=DESK.key("own")):
            upload_control(
                DESK,
                ("source",),
                "A picture K to attack",
                "The classifier must see another class in it than in A.",
            )
        surprise(
            DESK,
            _surprise,
            "Pictures of two classes, at random among those of lowest loss.",
            found,
        )
        offered = {slot: numbers(found, name) for name, slots in shown.items() for slot in slots}
        by_number(DESK, {slot: offered[slot] for slot in DESK.slots if slot in offered}, laid)


def _caption(found: SurveyResult, label: str, other: str, targeted: bool) -> None:
    known = found.by_class
    of_k = f"for K the {min(len(known[other]), CANDIDATES)} of lowest loss {found.seen_as} {plain(other)}"
    if targeted:
        of_a = f"for A and C those of lowest loss {found.seen_as} {plain(label)}"
        st.caption(f"Mark a place, then click a picture: {of_a}, {of_k}.")
        return
    st.caption(
        f"Click a picture: {of_k}. Without an aim, A and C are the pictures of lowest loss of whatever "
        "class K′ lands in."
    )


def _surprise(found: SurveyResult) -> None:
    """Two random pictures of a random class, or its only one, and one of another, all of low loss."""
    names = list(found.by_class)
    rng = np.random.default_rng()
    label, other = rng.choice(names, 2, replace=False)
    first, *second = rng.permutation(numbers(found, label))[:2]
    st.session_state[DESK.form["label"].key] = str(label)
    st.session_state[SOURCE_CLASS.key] = str(other)
    source = rng.choice(numbers(found, other))
    pictures = {"first": first, "source": source, "second": second[0] if second else ""}
    DESK.put({slot: str(picture) for slot, picture in pictures.items()})
