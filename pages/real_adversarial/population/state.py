"""What the view remembers: its widgets' names, the result that its link names, what is measured."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from engine.attacks import ATTACKS
from engine.experiments.population.attack_populations import AttackPopulations
from engine.experiments.population.pair_statistics import PairStatistics
from engine.experiments.population.spec import PopulationSpec, population_attack
from engine.parameters import Field, fields_of

RUN = "run"
"""The query parameter that names a result."""

ONE, ALL = "One attack", "All attacks"
KINDS: dict[str, type[PopulationSpec]] = {ONE: PairStatistics, ALL: AttackPopulations}
"""Part of the view -> the experiment whose results it shows."""


def key_of(name: str) -> str:
    """The key of the widget for a field."""
    return f"pop_{name}"


def shown() -> str | None:
    """The key in the page's link, if there is one."""
    return st.query_params.get(RUN)


def leave() -> None:
    """Forget the result that the link names."""
    st.query_params.pop(RUN, None)
    st.session_state.pop(key_of("adopted"), None)


def show(key: str) -> None:
    """Make the page's link name a result that the view's own widgets describe."""
    st.query_params[RUN] = key
    st.session_state[key_of("adopted")] = key


def open_result(key: str) -> None:
    """Make the page's link name a result, and let the widgets follow it."""
    leave()
    st.query_params[RUN] = key


def untouched() -> bool:
    """Whether nobody has chosen anything yet, neither here nor in the address."""
    names = [key_of(name) for name in ("classifier", "dataset", "split", "pairs", "method")]
    return not any(name in st.session_state or name in st.query_params for name in names)


def adopt(key: str, spec: PopulationSpec) -> None:
    """Fill the widgets with what a result was made from, once for each link."""
    if st.session_state.get(key_of("adopted")) == key:
        return
    st.session_state[key_of("adopted")] = key
    st.session_state[key_of("part")] = next(
        part for part, kind in KINDS.items() if isinstance(spec, kind)
    )
    for name, value in _values(spec).items():
        st.session_state[key_of(name)] = value


def settings_fields(method: str) -> list[Field]:
    """The fields of an attack's settings, at the values that a population starts from."""
    start = population_attack().of(method)
    return [replace(field, default=getattr(start, field.name)) for field in fields_of(type(start))]


def _values(spec: PopulationSpec) -> dict[str, Any]:
    values: dict[str, Any] = {"method": spec.attack.method}
    for field in fields_of(PopulationSpec):
        if field.name != "attack":
            values[field.name] = getattr(spec, field.name)
    for method in ATTACKS:
        settings = spec.attack.of(method).to_dict()
        values |= {f"{method}_{name}": value for name, value in settings.items()}
    return values
