"""Which two pictures: a grid of the class's low-loss ones, a choice by number, or one's own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from engine.records import Record
from pages.real_real.state import DESK, Choice
from pages.shared.picker import picker
from pages.shared.ranking import CANDIDATES, by_class, image_set, seen_as
from pages.shared.slots import number_control
from pages.shared.thumbnails import own, picture_of, thumbnails
from pages.shared.uploads import upload_control

AMONG = 12
"""The pair that is chosen at first is the most different one among this many of lowest loss."""


def pictures(sources: tuple[str, str, str], found: Record, label: str) -> Choice:
    """Widgets for the two pictures; the pair that is chosen."""
    classifier, dataset, split = sources
    rows = by_class(found)[label][:CANDIDATES]
    indices = tuple(int(index) for index in found.arrays["index"][rows])
    losses = dict(zip(indices, found.arrays["loss"][rows].tolist(), strict=True))
    if DESK.empty():
        first, second = first_pair(image_set(*sources).batch(indices[:AMONG]), indices)
        st.session_state["rr_first"], st.session_state["rr_second"] = first, second
    slots = st.container()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        upload_control(
            DESK,
            ("first", "second"),
            "One or two pictures that the classifier sees as the same class",
            "With one, the other is the picture of its class with the lowest loss.",
        )
        st.button(
            "Surprise me",
            icon=":material/casino:",
            key="rr_surprise",
            on_click=_surprise,
            args=(found,),
            help="Two pictures of some class, at random among those of lowest loss.",
        )
        number_control(DESK, dict.fromkeys(DESK.slots, indices))
    first, second = (DESK.reference(slot) for slot in DESK.slots)
    choice = Choice(classifier, dataset, split, label, first, second)
    with slots:
        offered = [*own(sources), *thumbnails(sources, indices, losses)]
        chosen = {
            slot: (letter, picture_of(sources, getattr(choice, slot), offered))
            for slot, letter in DESK.slots.items()
        }
        picker(offered, chosen, key="rr_picker", on_choice=DESK.choose)
        known = len(by_class(found)[label])
        st.caption(
            f"{min(known, CANDIDATES)} of the {known:,} pictures that are {seen_as(found)} {label}, "
            "lowest loss first. Click one to put it in the marked place."
        )
    return choice


def first_pair(images: np.ndarray, indices: Sequence[int]) -> tuple[str, str]:
    """The two pictures, uint8 (N, H, W, C), that differ most: their straight path is the most telling."""
    flat = images.reshape(len(images), -1).astype(np.float32)
    apart = ((flat[:, None] - flat[None]) ** 2).sum(2)
    first, second = np.unravel_index(int(np.argmax(apart)), apart.shape)
    return str(indices[int(first)]), str(indices[int(second)])


def _surprise(found: Record) -> None:
    """Two random pictures among those of lowest loss of a random class."""
    groups = {name: rows for name, rows in by_class(found).items() if len(rows) > 1}
    rng = np.random.default_rng()
    label = str(rng.choice(list(groups)))
    rows = groups[label][:CANDIDATES]
    first, second = rng.choice(found.arrays["index"][rows], 2, replace=False)
    st.session_state["rr_label"] = label
    DESK.choose("first", str(first))
    DESK.choose("second", str(second))
