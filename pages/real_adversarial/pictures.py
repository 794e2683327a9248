"""Which pictures: A and C of one class, K of another, from grids, by number, or one's own K."""

from __future__ import annotations

import numpy as np
import streamlit as st

from engine.records import Record
from pages.real_adversarial.source import SOURCE_CLASS
from pages.real_adversarial.state import DESK, Aim, Choice
from pages.shared.picker import Picture, picker
from pages.shared.ranking import CANDIDATES, by_class, seen_as
from pages.shared.slots import number_control
from pages.shared.thumbnails import Sources, own, picture_of, thumbnails
from pages.shared.uploads import upload_control

REAL, OTHER = "real", "other"
"""Groups of slots: A and C take pictures of the class, K of another one."""


def pictures(sources: Sources, found: Record, label: str, other: str, aim: Aim) -> Choice:
    """Widgets for the three pictures; the choice that they make."""
    numbers = {REAL: _numbers(found, label), OTHER: _numbers(found, other)}
    if DESK.empty():
        first, second = numbers[REAL][:2]
        st.session_state[DESK.key("first")] = str(first)
        st.session_state[DESK.key("second")] = str(second)
    if not DESK.reference("source"):
        st.session_state[DESK.key("source")] = str(numbers[OTHER][0])
    places = st.container()
    groups = {slot: OTHER if slot == "source" else REAL for slot in DESK.slots}
    slots = [slot for slot in DESK.slots if aim.targeted or slot == "source"]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        upload_control(
            DESK,
            ("source",),
            "A picture K to attack",
            "The classifier must see another class in it than in A.",
        )
        st.button(
            "Surprise me",
            icon=":material/casino:",
            key=DESK.key("surprise"),
            on_click=_surprise,
            args=(found,),
            help="Pictures of two classes, at random among those of lowest loss.",
        )
        number_control(DESK, {slot: numbers[groups[slot]] for slot in slots})
    with places:
        _picker(sources, found, slots, groups, numbers)
        _caption(found, label, other, aim)
    references = {slot: DESK.reference(slot) for slot in DESK.slots}
    return Choice(*sources, label, **references, aim=aim)


def _picker(
    sources: Sources,
    found: Record,
    slots: list[str],
    groups: dict[str, str],
    numbers: dict[str, tuple[int, ...]],
) -> None:
    losses = dict(zip(found.arrays["index"].tolist(), found.arrays["loss"].tolist(), strict=True))
    offered = own(sources)
    for group in dict.fromkeys(groups[slot] for slot in slots):
        offered += thumbnails(sources, numbers[group], losses, group)
    chosen: dict[str, tuple[str, Picture]] = {
        slot: (DESK.slots[slot], picture_of(sources, DESK.reference(slot), offered))
        for slot in slots
    }
    picker(offered, chosen, key=DESK.key("picker"), on_choice=DESK.choose, groups=groups)


def _caption(found: Record, label: str, other: str, aim: Aim) -> None:
    known = by_class(found)
    of_k = f"for K the {min(len(known[other]), CANDIDATES)} of lowest loss {seen_as(found)} {other}"
    if aim.targeted:
        of_a = f"for A and C those of lowest loss {seen_as(found)} {label}"
        st.caption(f"Mark a place, then click a picture: {of_a}, {of_k}.")
        return
    st.caption(
        f"Click a picture: {of_k}. Without an aim, A and C are the pictures of lowest loss of whatever "
        "class K′ lands in."
    )


def _numbers(found: Record, name: str) -> tuple[int, ...]:
    """Numbers of a class's pictures of lowest loss."""
    rows = by_class(found)[name][:CANDIDATES]
    return tuple(int(index) for index in found.arrays["index"][rows])


def _surprise(found: Record) -> None:
    """Two random pictures of a random class, and one of another, all of low loss."""
    groups = by_class(found)
    rng = np.random.default_rng()
    label = str(rng.choice([name for name, rows in groups.items() if len(rows) > 1]))
    other = str(rng.choice([name for name in groups if name != label]))
    first, second = rng.choice(_numbers(found, label), 2, replace=False)
    st.session_state[DESK.key("label")] = label
    st.session_state[SOURCE_CLASS] = other
    for slot, number in (
        ("first", first),
        ("source", rng.choice(_numbers(found, other))),
        ("second", second),
    ):
        DESK.choose(slot, str(number))
