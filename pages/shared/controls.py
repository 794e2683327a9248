"""Widgets made from what a spec declares: label, help, unit, range and choices are written once, there."""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from engine.classifiers import known_classifiers
from engine.classifiers.cards import presence
from engine.datasets import known_datasets
from engine.parameters import Field, Parameter
from pages.shared.mode import mode

OnChange = Callable[[], None]

NAMED: dict[str, tuple[str, Callable[[], Sequence[str]], str]] = {
    "classifier": (
        "Classifier",
        lambda: tuple(known_classifiers()),
        "A trained network: on this machine (✓), or first to be downloaded or trained, as the list says; "
        "or an untrained one. You can also type torchvision:NAME, untrained:NAME or, on your own "
        "machine, file:PATH.pt2 (a PyTorch exported program).",
    ),
    "dataset": (
        "Image set",
        lambda: tuple(known_datasets()),
        "Where the pictures come from. You can also type shapes@64 (another size) or, on your own "
        "machine, folder:PATH or parquet:PATH.",
    ),
    "split": ("Part", lambda: ("test", "train"), "Test pictures were not used in training."),
}
"""Fields whose names stand for something that is listed elsewhere: label, what is known, help."""


def widget(
    field: Field,
    key: str,
    on_change: OnChange | None = None,
    titles: Mapping[str, str] | None = None,
) -> Any:
    """The widget that fits a field, with its value; `titles` says what its choices are called.

    The value stays while other pages are looked at, and while the widget is not shown.
    """
    common: dict[str, Any] = {
        "key": key,
        "help": help_words(field),
        "on_change": by_hand(key, on_change) if on_change else "rerun",
        "persist_state": "session",
    }
    label = field.label
    if field.name in NAMED and not field.choices:
        return _named(field, common)
    if field.choices:
        return _choice(field, titles or {}, common)
    if isinstance(field.default, bool):
        return st.toggle(label, value=field.default, **common)
    if isinstance(field.default, int | float):
        return _number(field, label, common)
    return st.text_input(label, value=str(shown(field, field.default)), **common)


def by_hand(key: str, change: Callable[..., None]) -> Callable[..., None]:
    """What a widget calls that the page fills too: `change`, unless a timer brings what it held before.

    A timer runs a fragment alone, and sends along what the browser shows. Where it has not heard yet what
    the page has put into a widget since, that looks as if a visitor had put the former value back.
    """
    drawn = st.session_state.get(key)

    def called(*about: Any) -> None:
        context = get_script_run_ctx()
        if context and context.fragment_ids_this_run:
            st.session_state[key] = drawn
        else:
            change(*about)

    return called


def others_allowed(field: Field) -> bool:
    """Whether a name that is not listed may be typed: any set, on one's own machine any classifier."""
    return field.name == "dataset" or (field.name == "classifier" and not mode().hosted)


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
    """What the widget of a field holds where the field has this value; None for a text left open."""
    if field.item is None:
        return None if value == "" else value
    return list(value) if field.choices else shlex.join(map(str, value))


def meant(field: Field, held: Any) -> Any:
    """The value of a field whose widget holds this: numbers and texts of a list stand in one text."""
    if field.item is None or field.choices:
        return held
    if field.item is not str:
        return [_as_number(word) for word in held.replace(",", " ").split()]
    with suppress(ValueError):  # a quotation mark without its twin is part of a name
        return shlex.split(held)
    return held.split()


def step_of(default: float) -> float:
    """A step that fits a number's size: 0.01 for 0.05, 1e-7 for 1e-7."""
    return 10.0 ** math.floor(math.log10(default)) if default > 0 else 0.01


def _named(field: Field, common: dict[str, Any]) -> Any:
    label, known, words = NAMED[field.name]
    names, more = known(), others_allowed(field)
    start = names.index(field.default) if field.default in names else None
    common["help"] = words
    if field.name == "classifier":
        common["format_func"] = marks()
    return st.selectbox(label, names, start, accept_new_options=more, **common) or field.default


def marks() -> Callable[[str], str]:
    """Adds to a classifier's name where its weights are, but for untrained ones, whose names say so."""
    presences = _presences()  # once for all that are listed

    def marked(classifier: str) -> str:
        where = presences.get(classifier, "untrained")
        if where == "untrained":
            return classifier
        return f"{classifier} ✓" if where == "here" else f"{classifier} · {where}"

    return marked


@st.cache_resource(show_spinner=False, ttl=10)
def _presences() -> dict[str, str]:
    return {name: presence(name) for name in known_classifiers()}


def _choice(field: Field, titles: Mapping[str, str], common: dict[str, Any]) -> Any:
    def title(name: str) -> str:
        return titles.get(name, name)

    if field.item is not None:
        return st.multiselect(
            field.label, field.choices, list(field.default), format_func=title, **common
        )
    start = field.choices.index(field.default)
    return st.selectbox(field.label, field.choices, start, format_func=title, **common)


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
            return _number_within(declared, text)
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


def _number_within(declared: Field, text: str) -> int | float | None:
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
