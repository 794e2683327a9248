"""A grid of pictures from which some are chosen, by mouse, touch or keyboard."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

import streamlit as st

from pages.shared.component import component

_PICKER = component(__file__, "picker")


@dataclass(frozen=True)
class Picture:
    """A picture to choose: its reference in a spec, its data URI, and what is written beside it.

    One with a `group` is offered only for the slots of that group.
    """

    ref: str
    src: str
    title: str
    note: str = ""
    small: bool = True
    group: str = ""


def picker(
    pictures: Sequence[Picture],
    slots: Mapping[str, tuple[str, Picture]],
    *,
    key: str,
    on_choice: Callable[[str, str], None],
    groups: Mapping[str, str] | None = None,
) -> None:
    """Draw the slots, name -> (letter, picture in it), and the pictures to choose from.

    `groups` gives the group of each slot where they take different pictures. `on_choice(slot,
    reference)` is called before the next run of the page.
    """

    def chosen() -> None:
        choice = (st.session_state.get(key) or {}).get("chosen") or {}
        slot, reference = choice.get("slot"), choice.get("picture")
        if isinstance(slot, str) and slot in slots and isinstance(reference, str):
            on_choice(slot, reference)

    _PICKER(
        key=key,
        data={
            "pictures": [asdict(picture) for picture in pictures],
            "slots": {
                name: {**asdict(picture), "letter": letter, "group": (groups or {}).get(name, "")}
                for name, (letter, picture) in slots.items()
            },
        },
        on_chosen_change=chosen,
    )
