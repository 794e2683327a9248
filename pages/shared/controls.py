"""Widgets made from what a spec declares: label, help, unit, range and choices are written once, there."""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from typing import Any, TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from engine.errors import ParameterError, UnknownNameError
from engine.parameters import Field, Parameters, fields_of

OnChange = Callable[[], None]
Settings = TypeVar("Settings", bound=Parameters)


def parameter_form(
    fields: Sequence[Field], prefix: str, *, columns: int = 5, on_change: OnChange | None = None
) -> tuple[dict[str, Any], DeltaGenerator]:
    """Widgets for `fields`, advanced ones folded away, bound to the URL as <prefix>_<name>.

    Returns their values, and the row below them for the button that uses them.
    """
    plain = [field for field in fields if not field.parameter.advanced]
    advanced = [field for field in fields if field.parameter.advanced]
    with st.grid(columns, min_column_width=135, vertical_alignment="bottom"):
        values = widgets(plain, prefix, on_change)
    row = st.container(horizontal=True, vertical_alignment="center")
    button = row.container(width="content")
    return values | folded(advanced, prefix, row, on_change), button


def widgets(
    fields: Sequence[Field], prefix: str, on_change: OnChange | None = None
) -> dict[str, Any]:
    """The widgets of fields, where the caller is, and their values."""
    return {field.name: widget(field, prefix, on_change) for field in fields}


def folded(
    fields: Sequence[Field], prefix: str, row: DeltaGenerator, on_change: OnChange | None = None
) -> dict[str, Any]:
    """The widgets of advanced fields behind a button in `row`, if there are any, and their values."""
    if not fields:
        return {}
    with (
        row.popover("More settings", icon=":material/tune:", key=f"{prefix}_more"),
        st.grid(2, min_column_width=150, vertical_alignment="bottom"),
    ):
        return widgets(fields, prefix, on_change)


def fields_named(cls: type[Parameters], names: Collection[str] | None = None) -> list[Field]:
    """The fields of `cls`, only those of `names` where it is given."""
    return [field for field in fields_of(cls) if names is None or field.name in names]


def checked(cls: type[Settings], values: dict[str, Any]) -> Settings | None:
    """Settings from widget values, which a browser may have sent as it likes; None if they are wrong."""
    try:
        return cls(**values)
    except (ParameterError, UnknownNameError) as error:
        st.error(str(error), icon=":material/error:")
        return None


def widget(field: Field, prefix: str, on_change: OnChange | None = None) -> Any:
    """The widget that fits a field; its value is what the field would take.

    Choices keep their own names, for the URL holds what the widget shows.
    """
    common: dict[str, Any] = {
        "key": f"{prefix}_{field.name}",
        "bind": "query-params",
        "help": help_words(field),
        "on_change": on_change or "rerun",
    }
    label = field.label
    if field.item is not None:
        return _list(field, common)
    if field.choices:
        return st.selectbox(
            label,
            field.choices,
            index=field.choices.index(field.default),
            **common,
        )
    if isinstance(field.default, bool):
        return st.toggle(label, value=field.default, **common)
    if isinstance(field.default, int | float):
        return _number(field, label, common)
    return st.text_input(label, value=str(field.default), **common)


def help_words(field: Field) -> str:
    """The field's help with its range and its default, which is the paper's value."""
    parts = [field.parameter.help]
    if field.parameter.span:
        parts.append(f"Range: {field.parameter.span}.")
    default = shown(field, field.default)
    if isinstance(default, list):
        default = ", ".join(default)
    if isinstance(default, bool):
        default = "on" if default else "off"
    return " ".join([*parts, f"Default: {default}."])


def shown(field: Field, value: Any) -> Any:
    """What the widget of a field holds where the field has this value."""
    if field.item is None:
        return value
    return list(value) if field.choices else shlex.join(map(str, value))


def step_of(default: float) -> float:
    """A step that fits a number's size: 0.01 for 0.05, 1e-7 for 1e-7."""
    magnitude: float = 10.0 ** math.floor(math.log10(default)) if default > 0 else 0.01
    return magnitude


def _list(field: Field, common: dict[str, Any]) -> list[Any]:
    """Names to choose from; numbers in a text, with spaces or commas; texts in one, quoted as in a shell."""
    if field.choices:
        return st.multiselect(field.label, field.choices, default=list(field.default), **common)
    text = st.text_input(field.label, value=shown(field, field.default), **common)
    if field.item is not str:
        return [_as_number(word) for word in text.replace(",", " ").split()]
    with suppress(ValueError):  # a quotation mark without its twin is part of a name
        return shlex.split(text)
    return text.split()


def _as_number(word: str) -> float | str:
    try:
        return float(word)
    except ValueError:
        return word


def _number(field: Field, label: str, common: dict[str, Any]) -> int | float:
    meaning, default = field.parameter, field.default
    if meaning.unit and meaning.unit not in label.lower():
        label = f"{label} ({meaning.unit})"
    kind = int if isinstance(default, int) else float
    low, high = (None if bound is None else kind(bound) for bound in (meaning.low, meaning.high))
    step, form = (1, "%d") if kind is int else (step_of(default), "%g")
    return kind(st.number_input(label, low, high, default, step=step, format=form, **common))
