"""The settings of both experiments, made from their specs, and the button that starts them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import streamlit as st

from engine.datasets import known_datasets
from engine.errors import ParameterError, UnknownNameError
from engine.experiments.base import Spec
from engine.experiments.synthesis.manifold import Manifold
from engine.experiments.synthesis.modes import Modes
from engine.parameters import Field, Parameters, fields_of
from pages.manifold import state
from pages.manifold.choice import Choice
from pages.shared.controls import widget
from pages.shared.fitting import fits, own_set

TITLES = {
    "natural": ("Mode A", ":material/filter_vintage:"),
    "pattern": ("Mode C", ":material/grain:"),
    "natural_settings": ("Natural-looking modes", ":material/filter_vintage:"),
    "pattern_settings": ("Patterns", ":material/grain:"),
    "connect": ("Search", ":material/conversion_path:"),
}
SOURCES = "mf_classifier", "mf_many_dataset"
"""The widgets for the classifier and for the set of the real modes."""

PLAIN: dict[type[Spec], tuple[str, ...]] = {
    Manifold: ("seed",),
    Modes: ("natural", "pattern", "real", "dataset", "seed"),
}
"""Fields of each experiment that stand in the open; the others are behind buttons."""


def controls(choice: Choice, busy: bool) -> tuple[Spec | None, bool]:
    """The widgets; the spec that they describe, None if it is not a valid one, and whether to start."""
    kind = state.VIEWS[choice.view]
    with st.container(border=True):
        values: dict[str, Any] = {"classifier": choice.classifier, "label": choice.label}
        if kind is Modes:
            _own_set(choice.classifier)
        plain, rest = PLAIN[kind], _others(kind)
        prefix = state.GROUPS[kind][""]
        with st.grid(len(plain) + 1, min_column_width=130, vertical_alignment="bottom"):
            values |= _widgets(kind, plain, prefix)
        with st.container(horizontal=True, vertical_alignment="center"):
            place = st.container(width="content")
            for name in TITLES:
                if name in state.GROUPS[kind]:
                    values[name] = _group(kind, name)
            with st.popover("More", icon=":material/tune:", key=f"{prefix}_more"):
                values |= _widgets(kind, rest, prefix)
        spec = _built(kind, values)
        if isinstance(spec, Modes) and spec.real:
            fit = fits((spec.classifier, spec.dataset, spec.split), SOURCES, state.leave)
            spec = spec if fit else None
        pressed = place.button(
            "Make and connect" if kind is Manifold else "Explore",
            type="primary",
            icon=":material/auto_awesome:",
            key=f"{prefix}_start",
            disabled=spec is None or busy,
            help="Grow the modes from noise, then search paths of low loss between them.",
        )
    return spec, pressed


def _others(kind: type[Spec]) -> list[str]:
    """Fields that are neither in the open nor groups nor shared by both views."""
    known = {*PLAIN[kind], *state.GROUPS[kind], *state.SHARED}
    return [field.name for field in fields_of(kind) if field.name not in known]


def _widgets(kind: type[Parameters], names: Collection[str], prefix: str) -> dict[str, Any]:
    fields = {field.name: field for field in fields_of(kind) if field.name in names}
    return {name: _widget(fields[name], prefix) for name in names}


def _widget(field: Field, prefix: str) -> Any:
    if field.name != "dataset":
        return widget(field, prefix)
    return st.selectbox(
        field.label,
        known_datasets(),
        index=known_datasets().index(field.default),
        key=f"{prefix}_dataset",
        bind="query-params",
        accept_new_options=True,
        help=field.parameter.help,
    )


def _group(kind: type[Spec], name: str) -> dict[str, Any]:
    """The widgets of nested settings behind a button; they start at the experiment's own values."""
    field = next(field for field in fields_of(kind) if field.name == name)
    prefix = state.GROUPS[kind][name]
    label, icon = TITLES[name]
    with st.popover(label, icon=icon, key=f"{prefix}_group"):
        st.caption(field.parameter.help)
        with st.grid(2, min_column_width=150, vertical_alignment="bottom"):
            return {
                part.name: widget(replace(part, default=getattr(field.default, part.name)), prefix)
                for part in fields_of(field.type)
            }


def _built(kind: type[Spec], values: dict[str, Any]) -> Spec | None:
    try:
        return kind.from_dict(values)
    except (ParameterError, UnknownNameError) as error:
        st.error(str(error), icon=":material/error:")
        return None


def _own_set(classifier: str) -> None:
    """Real modes come from the classifier's own image set, unless another one is chosen."""
    name = SOURCES[1]
    if st.session_state.get("mf_set_of") != classifier:
        st.session_state["mf_set_of"] = classifier
        own = own_set(classifier)
        if own and state.shown() is None and name not in st.query_params:
            st.session_state[name] = own
