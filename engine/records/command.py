"""The line of shell that computes a spec, for people who want to do again what a page did."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any

from engine.experiments.base import Spec
from engine.parameters import Parameters, default_of, fields_of


def command_of(spec: Spec) -> str:
    """`python -m engine run KIND --name value ...` with every parameter not at its default."""
    return " ".join(["python -m engine run", spec.kind, *flags_of(spec)])


def flags_of(spec: Spec) -> list[str]:
    """The parameters that are not at their defaults, each as a shell word or two."""
    return [shlex.join(words) for words in _changed(spec, default_of(type(spec)), "")]


def _changed(values: Parameters, defaults: Parameters, prefix: str) -> Iterator[list[str]]:
    for field in fields_of(type(values)):
        value, default = getattr(values, field.name), getattr(defaults, field.name)
        flag = field.name.replace("_", "-")
        if isinstance(value, Parameters):
            yield from _changed(value, default, f"{prefix}{flag}.")
        elif value != default:
            yield _words(f"--{prefix}", flag, value)


def _words(prefix: str, flag: str, value: Any) -> list[str]:
    if isinstance(value, bool):
        return [f"{prefix}{flag if value else f'no-{flag}'}"]
    first, *more = map(str, value if isinstance(value, tuple) else [value])
    # A value that begins with a dash would be taken for the next flag.
    begin = [f"{prefix}{flag}={first}"] if first.startswith("-") else [f"{prefix}{flag}", first]
    return [*begin, *more]
