"""Two pictures of one's own where the image set has other classes than the classifier: they need no set."""

from __future__ import annotations

import streamlit as st

from pages.real_real.state import DESK, Choice
from pages.shared.picker import picker
from pages.shared.slots import number_control
from pages.shared.thumbnails import Sources, own, picture_of
from pages.shared.uploads import upload_control


def own_pictures(sources: Sources) -> Choice | None:
    """Widgets for two uploaded pictures; the pair, None until there are two."""
    places = st.container()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        upload_control(
            DESK,
            ("first", "second"),
            "Two pictures that the classifier sees as the same class",
            "Both must be your own here, as the image set has other classes.",
        )
        if any(_named(slot).startswith("upload:") for slot in DESK.slots):
            number_control(DESK, dict.fromkeys(DESK.slots, ()))
    references = {slot: DESK.reference(slot) for slot in DESK.slots}
    if not all(reference.startswith("upload:") for reference in references.values()):
        return None
    offered = own(sources)
    chosen = {
        slot: (DESK.slots[slot], picture_of(sources, reference, offered))
        for slot, reference in references.items()
    }
    with places:
        picker(offered, chosen, key=DESK.key("picker"), on_choice=DESK.choose)
    return Choice(*sources, label="", **references)


def _named(slot: str) -> str:
    """The picture in a slot, or that the address has for it."""
    return DESK.reference(slot) or st.query_params.get(DESK.key(slot), "")
