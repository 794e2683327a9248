"""How images are attacked: which attack, towards which class, and the settings of that attack alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import streamlit as st

from engine.attacks.settings import TITLES, AttackName, AttackSettings
from engine.experiments.population.spec import PopulationSpec, population_attack
from engine.parameters import Field
from pages.real_adversarial.population.state import METHODS, key_of, settings_fields
from pages.shared.controls import fields_named, widget

AIMLESS = ("deepfool",)
"""Attacks that go to the nearest class, whichever it is."""


def method_chooser() -> AttackName:
    """The widget for the attack."""
    (field,) = fields_named(AttackSettings, ("method",))
    label = "Attack"
    chosen: AttackName = st.selectbox(
        label,
        METHODS,
        format_func=lambda method: TITLES[method],
        key=key_of("method"),
        bind="query-params",
        help=field.parameter.help,
    )
    return chosen


def target_switch(method: str) -> bool:
    (field,) = fields_named(PopulationSpec, ("targeted",))
    if method in AIMLESS:
        st.toggle(
            field.label,
            value=False,
            key=key_of(f"{method}_aim"),
            disabled=True,
            help=f"{TITLES[method]} cannot be aimed: it goes to the nearest class, whichever it is.",
        )
        return False
    return bool(widget(field, "pop"))


def about(spec: PopulationSpec) -> str:
    """The chosen attack in a sentence, where one is chosen."""
    words = (type(spec.attack.chosen).__doc__ or "").strip()
    return f"**{TITLES[spec.attack.method]}**: {words}"


def settings_group(method: str, fields: Iterable[Field]) -> dict[str, Any]:
    """The settings of an attack under its name; nothing where there are none."""
    fields = list(fields)
    if not fields:
        return {}
    st.markdown(f"**{TITLES[method]}**")
    with st.grid(2, min_column_width=150, vertical_alignment="bottom"):
        return widget_values(fields, key_of(method))


def widget_values(fields: Iterable[Field], prefix: str) -> dict[str, Any]:
    return {field.name: widget(field, prefix) for field in fields}


def plain_fields(method: str) -> list[Field]:
    return [field for field in settings_fields(method) if not field.parameter.advanced]


def advanced_fields(method: str) -> list[Field]:
    return [field for field in settings_fields(method) if field.parameter.advanced]


def attack_of(settings: dict[str, dict[str, Any]], method: AttackName | None) -> AttackSettings:
    """The attack, or all of them; those that have no widgets keep what a population starts from."""
    start = population_attack()
    changed = {name: type(getattr(start, name))(**values) for name, values in settings.items()}
    return replace(start, method=method or start.method, **changed)
