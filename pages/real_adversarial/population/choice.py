"""Which pairs, which attack, how measured: the controls of the view, made from what the spec declares."""

from __future__ import annotations

from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from engine.attacks import ATTACKS
from engine.errors import ParameterError, UnknownNameError
from engine.experiments.population.spec import PopulationSpec
from pages.real_adversarial.population.aim import (
    advanced_fields,
    attack_of,
    method_chooser,
    plain_fields,
    settings_group,
    target_switch,
    widget_values,
)
from pages.real_adversarial.population.state import KINDS, ONE, key_of, settings_fields
from pages.shared.choice import classifier_box, set_box
from pages.shared.controls import fields_named
from pages.shared.fitting import bring_own_set, follow_address

FOLDED = ("split", "images", "points", "seed")
SOURCES = key_of("classifier"), key_of("dataset")
"""The widgets for classifier and image set."""


def choice(part: str) -> tuple[PopulationSpec | None, DeltaGenerator]:
    """The widgets; what they describe, None where a value is out of range; and a place for the button."""
    methods = tuple(ATTACKS)
    method: str | None = None
    with st.grid(5, min_column_width=135, vertical_alignment="bottom"):
        values = {**_sources(), **widget_values(fields_named(PopulationSpec, ("pairs",)), "pop")}
        settings: dict[str, dict[str, Any]] = {}
        if part == ONE:
            method = method_chooser()
            methods = (method,)
            values["targeted"] = target_switch(method)
            settings[method] = widget_values(plain_fields(method), f"pop_{method}")
    row = st.container(horizontal=True, vertical_alignment="center")
    place = row.container(width="content")
    with row.popover("More settings", icon=":material/tune:", key=key_of("more")):
        values |= _folded()
        for name in methods:
            fields = advanced_fields(name) if part == ONE else settings_fields(name)
            settings[name] = {**settings.get(name, {}), **settings_group(name, fields)}
    try:
        return KINDS[part](**values, attack=attack_of(settings, method)), place
    except (ParameterError, UnknownNameError) as error:
        st.error(str(error), icon=":material/error:")
        return None, place


def _sources() -> dict[str, Any]:
    """Widgets for classifier and image set."""
    defaults = {field.name: field.default for field in fields_named(PopulationSpec)}
    follow_address(SOURCES)
    return {
        "classifier": classifier_box(
            SOURCES[0], defaults["classifier"], lambda: bring_own_set(SOURCES)
        ),
        "dataset": set_box(SOURCES[1], defaults["dataset"]),
    }


def _folded() -> dict[str, Any]:
    """The settings of the population that are folded away."""
    names = [name for name in FOLDED if name != "split"]
    with st.grid(2, min_column_width=150, vertical_alignment="bottom"):
        split = st.selectbox(
            "Part",
            ("test", "train"),
            key=key_of("split"),
            bind="query-params",
            help="Test pictures were not used in training.",
        )
        return {"split": split, **widget_values(fields_named(PopulationSpec, names), "pop")}
