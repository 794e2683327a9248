"""The straight path at once, and the search for a better one when it is asked for."""

from __future__ import annotations

import streamlit as st

from engine.experiments.pair.real_real import RealReal
from engine.finders.settings import ConnectSettings
from engine.records import Record
from pages.real_real.state import DESK, Choice
from pages.shared import search
from pages.shared.controls import checked, fields_named, parameter_form

EXTRAS = ("points", "plane_resolution")


def straight_path(choice: Choice) -> Record | None:
    """The record of the straight path; while it is made, its progress is shown instead."""
    if choice.first == choice.second and choice.first:
        st.warning(
            "A and C are the same picture, so there is nothing between them. Choose another one for "
            "A or for C.",
            icon=":material/content_copy:",
        )
        return None
    return search.straight_path(DESK, choice.straight())


def connect_row(choice: Choice, shown: RealReal | None) -> None:
    """The settings of the search and the button that starts it.

    `shown` is the spec of the result on the page, if there is one.
    """
    fields = [*fields_named(ConnectSettings), *fields_named(RealReal, EXTRAS)]
    with st.container(border=True):
        values, row = parameter_form(fields, DESK.prefix)
        extras = {name: values.pop(name) for name in EXTRAS}
        settings = checked(ConnectSettings, values)
        label = "Connect again" if shown else "Connect"
        pressed = row.button(
            label,
            type="primary",
            icon=":material/conversion_path:",
            key=DESK.key("connect"),
            disabled=settings is None,
            help="Search for a path of low loss between A and C, with these settings.",
        )
    if settings is None:
        return
    spec = choice.spec(**extras, connect=settings)
    if shown and (shown.connect, shown.points, shown.plane_resolution) != (
        settings,
        *extras.values(),
    ):
        st.caption(
            ":material/info: The settings differ from those of the result below. "
            "Connect again to apply them."
        )
    if pressed:
        search.start(DESK, spec)
