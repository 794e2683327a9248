"""Which pairs, which attack, how measured: the controls of the view, made from what the spec declares."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from engine.attacks.settings import TITLES, AttackSettings
from engine.classifiers import card, known_classifiers
from engine.datasets import known_datasets
from engine.errors import IsthmusError, ParameterError, UnknownNameError
from engine.experiments.pair_shard import PopulationSpec, population_attack
from engine.parameters import Field
from pages.real_adversarial.population.state import (
    KINDS,
    METHODS,
    ONE,
    key_of,
    settings_fields,
)
from pages.shared.controls import fields_named, widget
from pages.shared.mode import mode, refuse_local_paths

AIMLESS = ("deepfool",)
"""Attacks that go to the nearest class, whichever it is."""

FOLDED = ("split", "images", "points", "seed")


def choice(part: str) -> tuple[PopulationSpec | None, DeltaGenerator]:
    """The widgets; what they describe, None where a value is out of range; and a place for the button."""
    methods: tuple[str, ...] = METHODS
    with st.grid(5, min_column_width=135, vertical_alignment="bottom"):
        values = {**_sources(), **_values(fields_named(PopulationSpec, ("pairs",)), "pop")}
        settings: dict[str, dict[str, Any]] = {}
        if part == ONE:
            method = _method()
            methods = (method,)
            values["targeted"] = _targeted(method)
            settings[method] = _values(_plain(method), f"pop_{method}")
    row = st.container(horizontal=True, vertical_alignment="center")
    place = row.container(width="content")
    with row.popover("More settings", icon=":material/tune:", key=key_of("more")):
        values |= _folded()
        for name in methods:
            fields = _advanced(name) if part == ONE else settings_fields(name)
            settings[name] = {**settings.get(name, {}), **_group(name, fields)}
    try:
        return KINDS[part](**values, attack=_attack(settings, part)), place
    except (ParameterError, UnknownNameError) as error:
        st.error(str(error), icon=":material/error:")
        return None, place


def about(spec: PopulationSpec) -> str:
    """The chosen attack in a sentence, where one is chosen."""
    words = (type(spec.attack.chosen).__doc__ or "").strip()
    return f"**{TITLES[spec.attack.method]}**: {words}"


def _sources() -> dict[str, Any]:
    """Widgets for classifier and image set."""
    defaults = {field.name: field.default for field in fields_named(PopulationSpec)}
    classifier = st.selectbox(
        "Classifier",
        _offered(),
        index=_offered().index(defaults["classifier"]),
        key=key_of("classifier"),
        bind="query-params",
        on_change=_other_classifier,
        accept_new_options=not mode().hosted,
        help="A trained network. You can also type torchvision:NAME, untrained:NAME or, on your own "
        "machine, file:PATH.pt2 (a PyTorch exported program).",
    )
    sets = known_datasets()
    dataset = st.selectbox(
        "Image set",
        sets,
        index=sets.index(defaults["dataset"]),
        key=key_of("dataset"),
        bind="query-params",
        accept_new_options=True,
        help="Where the pictures come from. You can also type shapes@64 (another size) or, on your "
        "own machine, folder:PATH or parquet:PATH.",
    )
    values = {
        "classifier": classifier or defaults["classifier"],
        "dataset": dataset or defaults["dataset"],
    }
    refuse_local_paths(*values.values())
    return values


def _method() -> str:
    (field,) = fields_named(AttackSettings, ("method",))
    label = "Attack"
    chosen: str = st.selectbox(
        label,
        METHODS,
        format_func=lambda method: TITLES[method],
        key=key_of("method"),
        bind="query-params",
        help=field.parameter.help,
    )
    return chosen


def _targeted(method: str) -> bool:
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
        return {"split": split, **_values(fields_named(PopulationSpec, names), "pop")}


def _group(method: str, fields: Iterable[Field]) -> dict[str, Any]:
    """The settings of an attack under its name; nothing where there are none."""
    fields = list(fields)
    if not fields:
        return {}
    st.markdown(f"**{TITLES[method]}**")
    with st.grid(2, min_column_width=150, vertical_alignment="bottom"):
        return _values(fields, key_of(method))


def _values(fields: Iterable[Field], prefix: str) -> dict[str, Any]:
    return {field.name: widget(field, prefix) for field in fields}


def _plain(method: str) -> list[Field]:
    return [field for field in settings_fields(method) if not field.parameter.advanced]


def _advanced(method: str) -> list[Field]:
    return [field for field in settings_fields(method) if field.parameter.advanced]


def _attack(settings: dict[str, dict[str, Any]], part: str) -> AttackSettings:
    """The settings of the attacks; those that have no widgets keep what a population starts from."""
    start = population_attack()
    changed = {name: type(getattr(start, name))(**values) for name, values in settings.items()}
    method = next(iter(settings)) if part == ONE else start.method
    return replace(start, method=method, **changed)


@cache
def _offered() -> list[str]:
    return list(known_classifiers())


def _other_classifier() -> None:
    """Bring the classifier's own image set along."""
    try:
        own = card(st.session_state[key_of("classifier")]).dataset
    except IsthmusError:
        return
    if own in known_datasets():
        st.session_state[key_of("dataset")] = own
