"""One parameter on a page: the key of its widget, which is its name in the address, and what both hold."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from engine.parameters import Field, Parameter
from pages.shared.controls import NAMED, OnChange, others_allowed, shown, widget


@dataclass(frozen=True)
class Setting:
    """A parameter: where it stands in a spec, and the key of its widget, its name in the address too."""

    path: tuple[str, ...]
    key: str
    field: Field

    @property
    def start(self) -> Any:
        """What the widget holds where nobody has chosen anything."""
        return shown(self.field, self.field.default)

    @property
    def held(self) -> Any:
        """What the widget holds now."""
        return st.session_state.get(self.key, self.start)

    def text(self, held: Any) -> str:
        """What the widget holds, for the address."""
        if isinstance(held, list):
            return ",".join(held)
        return str(held).lower() if isinstance(held, bool) else str(held)

    def parse(self, text: str) -> Any:
        """What a text of the address puts into the widget; None where that is nonsense."""
        declared, default = self.field, self.start
        if isinstance(default, bool):
            return {"true": True, "false": False}.get(text.lower())
        if isinstance(default, int | float):
            return _number(declared, text)
        if isinstance(default, list):
            return [name for name in text.split(",") if name in declared.choices]
        known = declared.choices
        if not known and declared.name in NAMED and not others_allowed(declared):
            known = tuple(NAMED[declared.name][1]())
        return text if text and (not known or text in known) else None

    def draw(
        self, on_change: OnChange | None = None, titles: Mapping[str, str] | None = None
    ) -> Any:
        """The widget, where the caller is; `titles` says what its choices are called."""
        return widget(self.field, self.key, on_change, titles)


def extra(key: str, *choices: str) -> Setting:
    """A widget whose choice is part of the address and of no spec; the first choice needs no words."""
    start = choices[0] if choices else ""
    return Setting((), key, Field(key, str, start, Parameter("", choices=choices or None)))


def _number(declared: Field, text: str) -> int | float | None:
    """A number within its range, the nearest one where it is beyond; None for what is none."""
    kind, meaning = type(declared.default), declared.parameter
    try:
        number: int | float = kind(text)
    except ValueError:
        return None
    if not math.isfinite(number):
        return None
    if meaning.low is not None:
        number = max(number, kind(meaning.low))
    return number if meaning.high is None else min(number, kind(meaning.high))
