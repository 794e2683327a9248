"""How images are attacked: which attack, towards which class, and the settings of that attack alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import streamlit as st

from engine.attacks import ATTACKS
from engine.attacks.settings import AttackSettings
from engine.experiments.population.spec import PopulationSpec, population_attack
from engine.parameters import Field
from pages.real_adversarial.population.state import key_of, settings_fields
from pages.shared.controls import fields_named, widget


def method_chooser() -> str:
    """The widget for the attack."""
    (field,) = fields_named(AttackSettings, ("method",))
    label = "Attack"
    chosen: str = st.selectbox(
        label,
        field.choices,
        format_func=lambda method: ATTACKS[method].title,
        key=key_of("method"),
        bind="query-params",
        help=field.parameter.help,
    )
    return chosen


def target_switch(method: str) -> bool:
    (field,) = fields_named(PopulationSpec, ("targeted",))
    if ATTACKS[method].aims == "never":
        st.toggle(
            field.label,
            value=False,
            key=key_of(f"{method}_aim"),
            disabled=True,
            help=f"{ATTACKS[method].title} cannot be aimed: it goes to the nearest class, whichever it is.",
        )
        return False
    return bool(widget(field, "pop"))


def about(spec: PopulationSpec) -> str:
    """The chosen attack in a sentence, where one is chosen."""
    words = (type(spec.attack.chosen).__doc__ or "").strip()
    return f"**{ATTACKS[spec.attack.method].title}**: {words}"


def settings_group(method: str, fields: Iterable[Field]) -> dict[str, Any]:
    """The settings of an attack under its name; nothing where there are none."""
    fields = list(fields)
    if not fields:
        return {}
    st.markdown(f"**{ATTACKS[method].title}**")
    with st.grid(2, min_column_width=150, vertical_alignment="bottom"):
        return widget_values(fields, key_of(method))


def widget_values(fields: Iterable[Field], prefix: str) -> dict[str, Any]:
    return {field.name: widget(field, prefix) for field in fields}


def plain_fields(method: str) -> list[Field]:
    return [field for field in settings_fields(method) if not field.parameter.advanced]


def advanced_fields(method: str) -> list[Field]:
    return [field for field in settings_fields(method) if field.parameter.advanced]


def attack_of(settings: dict[str, dict[str, Any]], method: str | None) -> AttackSettings:
    """The attack, or all of them; those that have no widgets keep what a population starts from."""
    start = population_attack()
    groups = {ATTACKS[name].group().name: values for name, values in settings.items()}
    return start.updated({"method": method or start.method, **groups})
