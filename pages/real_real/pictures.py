"""Which two pictures: a grid of the class's low-loss ones, a choice by number, or one's own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from engine.experiments.images.results import SurveyResult
from engine.experiments.pair.real_real import RealReal
from pages.shared.form import Form
from pages.shared.pair.choosing import by_number, class_chooser, grid, numbers, sources, surprise
from pages.shared.pair.desk import Desk
from pages.shared.pair.own import upload_control
from pages.shared.ranking import CANDIDATES, image_set, survey
from pages.shared.thumbnails import Sources

DESK = Desk(Form(RealReal, "rr", {"connect": "rr"}), {"first": "A", "second": "C"})
SLOTS = tuple(DESK.slots)

AMONG = 12
"""The pair that is chosen at first is the most different one among this many of lowest loss."""


def choose() -> dict[str, str] | None:
    """Widgets for the two pictures; what the spec is to say of them, None where there are none yet."""
    names, (place,) = sources(DESK)
    if not DESK.fits(names):
        return _own_pictures(names)
    found = survey(*names, key=DESK.key("survey"))
    if found is None:
        return None
    with place:
        label = class_chooser(DESK, found)
    return _pictures(names, found, label) if label else None


def first_pair(images: np.ndarray, indices: Sequence[int]) -> tuple[str, str]:
    """The two pictures, uint8 (N, H, W, C), that differ most: their straight path is the most telling."""
    flat = images.reshape(len(images), -1).astype(np.float32)
    apart = ((flat[:, None] - flat[None]) ** 2).sum(2)
    first, second = np.unravel_index(int(np.argmax(apart)), apart.shape)
    return str(indices[int(first)]), str(indices[int(second)])


def _pictures(sources: Sources, found: SurveyResult, label: str) -> dict[str, str]:
    indices = numbers(found, label)
    own = {}
    if DESK.empty():
        pair = first_pair(image_set(*sources).batch(indices[:AMONG]), indices)
        own = dict(zip(SLOTS, pair, strict=True))
    laid = DESK.laid(own)
    grid(DESK, sources, found, {label: SLOTS}, laid)
    known = len(found.by_class[label])
    st.caption(
        f"{min(known, CANDIDATES)} of the {known:,} pictures that are {found.seen_as} {label}, "
        "lowest loss first. Click one to put it in the marked place."
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        upload_control(
            DESK,
            SLOTS,
            "One or two pictures that the classifier sees as the same class",
            "With one, the other is the picture of its class with the lowest loss.",
        )
        surprise(
            DESK,
            found,
            _surprise,
            "Two pictures of some class, at random among those of lowest loss.",
        )
        by_number(DESK, dict.fromkeys(SLOTS, indices), laid)
    # The class counts only where the engine chooses both pictures.
    return {"label": "" if any(laid.values()) else label, **laid}


def _own_pictures(sources: Sources) -> dict[str, str] | None:
    """Two uploaded pictures need no set, so they do where it has other classes than the classifier."""
    laid = DESK.laid({})
    uploads = [picture.startswith("upload:") for picture in laid.values()]
    if all(uploads):
        grid(DESK, sources, None, {"": SLOTS}, laid)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        upload_control(
            DESK,
            SLOTS,
            "Two pictures that the classifier sees as the same class",
            "Both must be your own here, as the image set has other classes.",
        )
        if any(uploads):
            by_number(DESK, dict.fromkeys(SLOTS, ()), laid)
    return {"label": "", **laid} if all(uploads) else None


def _surprise(found: SurveyResult) -> None:
    """Two random pictures among those of lowest loss of a random class."""
    groups = {name: rows for name, rows in found.by_class.items() if len(rows) > 1}
    rng = np.random.default_rng()
    label = str(rng.choice(list(groups)))
    pair = rng.choice(numbers(found, label), 2, replace=False)
    st.session_state[DESK.form["label"].key] = label
    DESK.put(dict(zip(SLOTS, map(str, pair), strict=True)))
