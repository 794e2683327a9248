"""The attack and the straight paths at once, and the search for better ones when it is asked for."""

from __future__ import annotations

import streamlit as st

from engine.experiments.pair.real_adversarial import RealAdversarial
from engine.finders.settings import ConnectSettings
from engine.records import Record
from pages.real_adversarial.state import DESK, Choice
from pages.shared import search
from pages.shared.controls import checked, fields_named, parameter_form

EXTRAS = ("points", "plane_resolution", "keep_pictures")


def straight_path(choice: Choice) -> Record | None:
    """The record of the attack and the straight paths; while it is made, its progress is shown."""
    if choice.aim.targeted and choice.first == choice.second and choice.first:
        st.warning(
            "A and C are the same picture, so there is no real pair to compare with. Choose another "
            "one for A or for C.",
            icon=":material/content_copy:",
        )
        return None
    return search.straight_path(DESK, choice.straight())


def connect_row(choice: Choice, shown: RealAdversarial | None) -> None:
    """The settings of the search and the button that starts it.

    `shown` is the spec of the result on the page, if there is one.
    """
    fields = [*fields_named(ConnectSettings), *fields_named(RealAdversarial, EXTRAS)]
    with st.container(border=True):
        st.markdown("**The search for paths**")
        values, row = parameter_form(fields, DESK.prefix)
        extras = {name: values.pop(name) for name in EXTRAS}
        settings = checked(ConnectSettings, values)
        pressed = row.button(
            "Connect again" if shown else "Connect",
            type="primary",
            icon=":material/conversion_path:",
            key=DESK.key("connect"),
            disabled=settings is None,
            help="Search for a path of low loss between A and K′, and between A and C to compare.",
        )
    if settings is None:
        return
    former = None if shown is None else tuple(getattr(shown, name) for name in EXTRAS)
    if shown and (shown.connect, former) != (settings, tuple(extras.values())):
        st.caption(
            ":material/info: The settings differ from those of the result below. "
            "Connect again to apply them."
        )
    if pressed:
        search.start(DESK, choice.spec(**extras, connect=settings))
