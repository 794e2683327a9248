"""Which pictures: A and C of one class, K of another, from grids, by number, or one's own K."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from engine.experiments.images.results import SurveyResult
from engine.experiments.pair.real_adversarial import RealAdversarial
from engine.gallery import ADVERSARIAL
from pages.real_adversarial.aim import aim_form
from pages.shared.controls import by_hand, extra
from pages.shared.form import Form
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
from pages.shared.pair.desk import Desk
from pages.shared.words import plain

SOURCE_CLASS = extra("ra_source_label")
"""The class that K is of."""

DESK = Desk(
    Form(
        RealAdversarial,
        "ra",
        {"connect": "ra", "targeted": "ra_attack", "seed": "ra_attack"},
    ),
    {"first": "A", "source": "K", "second": "C"},
    ADVERSARIAL[0],
    (SOURCE_CLASS,),
)

START = {"first": "1223", "source": "919", "second": "666"}
"""What lies in the slots where nobody put anything: a telling case of the default set and classifier."""


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
    if usual and not DESK.link.chosen(SOURCE_CLASS) and _class_of(found, START["first"]) == label:
        return START
    return dict(zip(("first", "second"), map(str, numbers(found, label)), strict=False))


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
    shown = _class_of(found, source)
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


def _class_of(found: SurveyResult, reference: str) -> str:
    """The class that a picture of the set is correctly classified as; empty where none is known."""
    if not reference.isdecimal():
        return ""
    rows = np.flatnonzero(found.index == int(reference))
    return next((name for name, own in found.by_class.items() if np.isin(rows, own).any()), "")


def _surest(found: SurveyResult, names: list[str]) -> str:
    """The class whose best picture has the lowest loss."""
    groups = found.by_class
    return min(names, key=lambda name: float(found.loss[groups[name][0]]))


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
