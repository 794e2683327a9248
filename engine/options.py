"""Options of the command line; those of experiments are made from the same specs as the pages' controls."""

from __future__ import annotations

import dataclasses
from functools import cache, partial
from typing import Annotated, Any

import tyro

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


@cache
def options_of(cls: Any) -> Any:
    """A plain dataclass with the fields of a Parameters class, their help, unit and range, for tyro."""
    fields = [
        (field.name, _option(field), dataclasses.field(default_factory=partial(_default, field)))
        for field in fields_of(cls)
    ]
    return dataclasses.make_dataclass(cls.__name__, fields)


def _option(field: Field) -> Any:
    if _nested(field):
        return options_of(field.type)
    words = " ".join(filter(None, (field.parameter.help, _range(field))))
    return Annotated[field.type, tyro.conf.arg(help=words)]


def _range(field: Field) -> str:
    return f"[{field.parameter.span}]" if field.parameter.span else ""


def _default(field: Field) -> Any:
    return _filled(field.default) if _nested(field) else field.default


def _filled(values: Parameters) -> Any:
    """The options that stand for `values`, however deep parameters are nested in it."""
    cls: Any = type(values)
    given = {field.name: getattr(values, field.name) for field in fields_of(cls)}
    return options_of(cls)(
        **{
            name: _filled(value) if isinstance(value, Parameters) else value
            for name, value in given.items()
        }
    )


def _nested(field: Field) -> bool:
    return isinstance(field.type, type) and issubclass(field.type, Parameters)
