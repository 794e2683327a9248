"""Options of the command line; those of experiments are made from the same specs as the pages' controls."""

from __future__ import annotations

import dataclasses
import re
from functools import cache, partial
from typing import Annotated, Any, Literal

import tyro

from engine.methods import Methods
from engine.parameters import Field, Parameters, fields_of

StreamlitOptions = Annotated[
    tyro.conf.Positional[tuple[str, ...]],
    tyro.conf.arg(
        metavar="[OPTION ...]",
        help="Streamlit's own, e.g. --server.port 8600; `streamlit run --help` lists them.",
        help_behavior_hint="",
    ),
]
"""What follows `app`, handed on to Streamlit as it is."""


def options_of(cls: Any) -> Any:
    """A plain dataclass with the fields of a Parameters class, their help, unit and range, for tyro."""
    return _made(cls, Methods.changes)


@cache
def _made(cls: Any, changes: int) -> Any:
    """Some fields are those of the methods that there are, so it is made anew when those change."""
    return dataclasses.make_dataclass(cls.__name__, [_option(field) for field in fields_of(cls)])


def _option(field: Field) -> tuple[str, Any, Any]:
    """Name, type and default of the option that stands for a field."""
    kind: Any
    if isinstance(field.default, Parameters):
        kind = options_of(field.type)
        default = partial(_filled, kind, field.default)
        return field.name, kind, dataclasses.field(default_factory=default)
    words = " ".join(filter(None, (field.parameter.help, _range(field))))
    kind = Literal[field.choices] if field.choices else field.item or field.type
    kind = tuple[kind, ...] if field.item else kind
    described = Annotated[kind, tyro.conf.arg(help=words)]
    return field.name, described, dataclasses.field(default=field.default)


def _range(field: Field) -> str:
    """The range, its numbers as one types them; at a comma within one, tyro would begin a new line."""
    span = re.sub(r"(?<=\d),(?=\d)", "", field.parameter.span)
    return f"[{span}]" if span else ""


def _filled(options: Any, values: Parameters) -> Any:
    """The options that stand for `values`, however deep parameters are nested in it."""
    given = {}
    for option in dataclasses.fields(options):
        value = getattr(values, option.name)
        nested = isinstance(value, Parameters)
        given[option.name] = _filled(option.type, value) if nested else value
    return options(**given)
