"""The form of a spec: its parameters, the widgets that set them, and their names in the address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from engine.errors import ParameterError, UnknownNameError
from engine.methods import Methods
from engine.parameters import Parameters, default_of, fields_of
from pages.shared.controls import OnChange, Setting, meant, shown
from pages.shared.words import plain

Kind = TypeVar("Kind", bound=Parameters)
CHOICE = "method"
"""The field that says which of several methods is meant; the settings of each stand beside it."""


@dataclass(frozen=True)
class Form(Generic[Kind]):
    """The widgets of a kind of experiment. Their keys begin with `prefix`, the name of the group follows.

    `places` gives another beginning to the keys of some fields and groups. Only the parameters of `only`
    have widgets, all of them where it is empty.
    """

    kind: type[Kind]
    prefix: str
    places: Mapping[str, str] = field(default_factory=dict)
    only: tuple[str, ...] = ()
    _made: dict[int, dict[str, Setting]] = field(default_factory=dict, init=False, compare=False)
    """Its settings, as often as methods have come or gone."""

    @property
    def settings(self) -> dict[str, Setting]:
        """All parameters, however deep they are nested, by dotted names: "connect.rounds"."""
        if Methods.changes not in self._made:
            found = _settings(default_of(self.kind), self.prefix, self.places)
            named = {".".join(setting.path): setting for setting in found}
            self._made[Methods.changes] = {name: named[name] for name in self.only or named}
        return self._made[Methods.changes]

    def __getitem__(self, name: str) -> Setting:
        return self.settings[name]

    def of(self, *names: str, advanced: bool | None = None) -> list[Setting]:
        """Parameters in this order; of a group all, but of several methods those of the chosen one.

        Only the advanced ones, or only the others, where that is asked for.
        """
        every = [setting for name in names for setting in self._group(name)]
        return [one for one in every if advanced in (None, one.field.parameter.advanced)]

    def draw(
        self, *names: str, advanced: bool | None = None, on_change: OnChange | None = None
    ) -> None:
        """The widgets of parameters, where the caller is."""
        for setting in self.of(*names, advanced=advanced):
            setting.draw(on_change, self.titles(setting))

    def block(self, *names: str, columns: int = 5) -> DeltaGenerator:
        """Widgets in columns, advanced ones folded away below; the place beside that, for a button."""
        with st.grid(columns, min_column_width=135, vertical_alignment="bottom"):
            self.draw(*names, advanced=False)
        row = st.container(horizontal=True, vertical_alignment="center")
        place = row.container(width="content")
        if self.of(*names, advanced=True):
            with row:
                more = folded(f"{self.prefix}_more")
            if more:
                with more, pairs():
                    self.draw(*names, advanced=True)
        return place

    def section(self, title: str, *names: str, advanced: bool | None = None) -> None:
        """The widgets of parameters, or of the advanced ones, under a title; nothing if there are none."""
        if self.of(*names, advanced=advanced):
            st.markdown(f"**{title}**")
            with pairs():
                self.draw(*names, advanced=advanced)

    def titles(self, setting: Setting) -> dict[str, str]:
        """What the methods are called that a setting chooses among."""
        if setting.path[-1:] != (CHOICE,):
            return {}
        beside = fields_of(type(_at(default_of(self.kind), setting.path[:-1])))
        groups = {one.name: one.parameter.help.rstrip(".") for one in beside}
        names = [name for name in setting.field.choices if attribute(name) in groups]
        return {name: groups[attribute(name)] for name in names}

    def help(self, group: str) -> str:
        """What a group of settings is about."""
        *path, last = group.split(".")
        beside = fields_of(type(_at(default_of(self.kind), tuple(path))))
        return next(one for one in beside if one.name == last).parameter.help

    def shown(self, spec: Parameters) -> dict[str, Any]:
        """What the widgets hold where the spec is this one: key -> value."""
        return {
            setting.key: shown(setting.field, _at(spec, setting.path))
            for setting in self.settings.values()
        }

    def spec(self, values: Mapping[str, Any] | None = None) -> Kind | None:
        """The spec that the widgets describe, but for these values by their dotted names.

        None where it is wrong, which is said.
        """
        found: dict[str, Any] = {}
        for name, setting in self.settings.items():
            held = setting.held
            if setting.key in st.session_state and held is not None:
                _put(found, name, meant(setting.field, held))
        for name, value in (values or {}).items():
            _put(found, name, value)
        try:
            return self.kind.from_dict(found)
        except (ParameterError, UnknownNameError) as error:
            st.error(plain(str(error)), icon=":material/error:")
            return None

    def _group(self, name: str) -> list[Setting]:
        if name in self.settings:
            return [self.settings[name]]
        parts = tuple(name.split("."))
        inside = [one for one in self.settings.values() if one.path[: len(parts)] == parts]
        choice = self.settings.get(f"{name}.{CHOICE}")
        if choice is None:
            return inside
        others = {attribute(method) for method in choice.field.choices if method != choice.held}
        return [one for one in inside if one.path[len(parts)] not in others]

    def start(self, name: str) -> Any:
        """A group of settings, or a parameter, as it is where nobody has chosen anything."""
        return _at(default_of(self.kind), tuple(name.split(".")))


def folded(
    key: str, label: str = "More settings", icon: str = ":material/tune:"
) -> DeltaGenerator | None:
    """The button, where the caller is, that settings stand behind; the place for them once it is open.

    What nobody sees is not drawn: half of a page's time would go into it.
    """
    popover = st.popover(label, icon=icon, key=key, on_change="rerun")
    return popover.container() if popover.open else None


def pairs() -> DeltaGenerator:
    """A place, where the caller is, for settings two by two."""
    return st.grid(2, min_column_width=150, vertical_alignment="bottom")


def _settings(
    values: Parameters, prefix: str, places: Mapping[str, str], path: tuple[str, ...] = ()
) -> Iterator[Setting]:
    for declared in fields_of(type(values)):
        start, own = getattr(values, declared.name), places.get(declared.name)
        here = (*path, declared.name)
        if isinstance(start, Parameters):
            yield from _settings(start, own or f"{prefix}_{declared.name}", {}, here)
        else:
            key = f"{own or prefix}_{declared.name}"
            yield Setting(here, key, replace(declared, default=start))


def _put(group: dict[str, Any], name: str, value: Any) -> None:
    *path, last = name.split(".")
    for part in path:
        group = group.setdefault(part, {})
    group[last] = value


def _at(values: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        values = getattr(values, name)
    return values


def attribute(method: str) -> str:
    """The field with a method's settings."""
    return method.replace("-", "_")
