"""Which two pictures: one's own, or two of a class from a grid, by number, or at random."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import numpy as np
import streamlit as st

from engine.errors import IsthmusError
from engine.experiments.images.results import SurveyResult
from engine.experiments.pair.real_real import BarrierPair, RealReal
from engine.experiments.pair.results import BarrierPairResult
from engine.gallery import EXAMPLES
from pages.shared.form import Form
from pages.shared.image_sets import PATIENCE_SECONDS, Sources, classes_of, here, survey
from pages.shared.job_panel import obtained
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
from pages.shared.words import counted, nats, plain

DESK = Desk(Form(RealReal, "rr", {"connect": "rr"}), {"first": "A", "second": "C"}, EXAMPLES[0])
SLOTS = tuple(DESK.slots)
LABEL = DESK.form["label"]


def choose() -> dict[str, str] | None:
    """Widgets for the two pictures; what the spec is to say of them, None where there are none yet."""
    upload_control(
        DESK,
        SLOTS,
        "Drop two photographs of one class",
        "With one, the other is the picture of its class in the image set with the lowest loss.",
    )
    names, (place,) = sources(DESK)
    laid = DESK.laid({})
    uploads = [picture.startswith("upload:") for picture in laid.values()]
    if all(uploads) or (any(uploads) and not all(laid.values()) and not DESK.seen):
        with place:
            class_chooser(DESK, _classes_here(names))
        return _offered(
            names, None, "", [], laid, "Choose a class to see pictures of the image set."
        )
    if not DESK.fits(names):
        return None
    classes, found = _ranked(names)
    with place:
        label = class_chooser(DESK, classes)
    if found is None or not label:
        return {"label": "", **laid} if all(laid.values()) else None
    return _of_the_set(names, found, label, classes)


def _ranked(names: Sources) -> tuple[list[str], SurveyResult | None]:
    """The classes that are offered, and the ranking of the pictures of one of them at least."""
    classes = classes_of(names, least=2)
    if classes:
        if dice := st.session_state.get(DESK.key("dice")):
            DESK.link.own(LABEL.key, dice)
        asked = DESK.seen or LABEL.held
        label = asked if asked in classes else classes[0]
        found = survey(names, label, key=DESK.key("survey"))
        if found is None or asked == label or len(numbers(found, label)) > 1:
            return classes, found
    # The set does not say what it shows, or nobody chose this class and the classifier is wrong on it.
    found = survey(names, key=DESK.key("survey"))
    return right_classes(found) if found else [], found


def _of_the_set(
    names: Sources, found: SurveyResult, label: str, classes: list[str]
) -> dict[str, str] | None:
    """Pictures of a class that was ranked; the page's own choice where the visitor has none."""
    indices = numbers(found, label)
    if st.session_state.pop(DESK.key("dice"), None) and len(indices) > 1:
        drawn = np.random.default_rng().choice(indices, 2, replace=False)
        DESK.put(dict(zip(SLOTS, map(str, drawn), strict=True)))
    known = len(found.by_class.get(label, ()))
    of_class = f" of {label}" if found.spec.label else ""
    words = (
        f"{len(indices)} of the {counted(known, 'pictures')} that are {found.seen_as} {label}, lowest loss "
        f"first, among {found.summary['count']:,}{of_class} that were ranked. Click one to put it in "
        "the marked place."
    )
    own: dict[str, str] = {}
    if DESK.empty() and len(indices) > 1:
        pair_of = BarrierPair(*names, label=label)
        if classes_of(names, least=2) is None:
            pair_of = replace(pair_of, limit=found.spec.limit)
        record = obtained(pair_of, key=DESK.key("pair"), patience=PATIENCE_SECONDS)
        if record:
            pair = record.found(BarrierPairResult)
            own = {"first": pair.first, "second": pair.second}
            words += (
                f" A and C were found by trying {counted(len(pair.gaps), 'random pairs')}: the gap of "
                f"their straight path is {nats(pair.summary['gap'])}."
            )
    return _offered(names, found, label, classes, DESK.laid(own), words)


def _offered(
    names: Sources,
    found: SurveyResult | None,
    label: str,
    classes: list[str],
    laid: dict[str, str],
    words: str,
) -> dict[str, str] | None:
    """The slots and what is offered for them."""
    grid(DESK, names, found, {label: SLOTS}, laid)
    st.caption(plain(words))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if classes:
            surprise(DESK, _surprise, "Two pictures of some class, at random.", classes)
        indices = numbers(found, label) if found else ()
        by_number(DESK, dict.fromkeys(SLOTS, indices), laid)
    return {"label": "", **laid} if any(laid.values()) else None


def _classes_here(names: Sources) -> list[str]:
    """The classes of the set, if it is on this machine and the classifier knows any of it."""
    with suppress(IsthmusError):
        if here(*names[1:]):
            return classes_of(names, least=2) or []
    return []


def _surprise(classes: list[str]) -> None:
    """Ask for two random pictures of a random class, which is still to be ranked."""
    DESK.other_set()
    st.session_state[DESK.key("dice")] = str(np.random.default_rng().choice(classes))
