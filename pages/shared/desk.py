"""A page on which pictures are chosen: its widgets' names, its slots, the result that its link names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from engine.experiments.base import Spec
from engine.parameters import Parameters, fields_of
from engine.records import Record

RUN = "run"
"""The query parameter that names a result."""

SETS = ("classifier", "dataset", "split")
"""The fields that say where pictures come from and who sees them."""


@dataclass(frozen=True)
class Desk:
    """What tells one such page from another.

    `prefix` begins the names of its widgets, `kind` is the experiment that it shows, `slots` gives
    the letter of the picture that each of the spec's fields names, and `groups` names a group of
    widgets for those fields of the spec that are set beside another one.
    """

    prefix: str
    kind: type[Spec]
    slots: Mapping[str, str]
    groups: Mapping[str, str] = field(default_factory=dict)

    def key(self, name: str) -> str:
        """The key of the widget for a field."""
        return f"{self.prefix}_{name}"

    def reference(self, slot: str) -> str:
        """The picture in a slot; empty where it is left to the engine."""
        return str(st.session_state.get(self.key(slot)) or "").strip()

    def empty(self) -> bool:
        """Whether nobody has chosen a picture yet, neither here nor in the address."""
        names = [self.key(slot) for slot in self.slots]
        return all(
            st.session_state.get(name) is None and name not in st.query_params for name in names
        )

    def shown(self) -> str | None:
        """The key in the page's link, if there is one."""
        return st.query_params.get(RUN)

    def leave(self) -> None:
        """Forget the result that the link names; called when other pictures are chosen."""
        st.query_params.pop(RUN, None)
        st.session_state.pop(self.key("adopted"), None)

    def show(self, key: str) -> None:
        """Make the page's link name a result that this page's own widgets describe."""
        st.query_params[RUN] = key
        st.session_state[self.key("adopted")] = key

    def choose(self, slot: str, reference: str) -> None:
        """Put a picture into a slot."""
        st.session_state[self.key(slot)] = reference or None
        self.leave()

    def other_set(self) -> None:
        """Called when classifier, set or class change: the pictures chosen so far are of the old one."""
        for slot in self.slots:
            st.session_state[self.key(slot)] = None
        self.leave()

    def adopt(self, key: str, spec: Spec, record: Record | None) -> None:
        """Fill the widgets with what a result was made from, once for each link."""
        if st.session_state.get(self.key("adopted")) == key:
            return
        st.session_state[self.key("adopted")] = key
        values = spec.to_dict()
        for slot in self.slots:
            values[slot] = (record.summary[slot]["source"] if record else values[slot]) or None
        values["label"] = record.summary["target_name"] if record else values["label"] or None
        for name in (*SETS, *self.slots, "label"):
            st.session_state[self.key(name)] = values[name]
        for name, value in _settings(spec, self.prefix, self.groups):
            st.session_state[name] = value


def _settings(
    values: Parameters, prefix: str, groups: Mapping[str, str]
) -> Iterator[tuple[str, Any]]:
    """Names and values of a spec's settings. Those of the search have no group of their own."""
    for part in fields_of(type(values)):
        value = getattr(values, part.name)
        nested = isinstance(value, Parameters) and part.name != "connect"
        group = groups.get(part.name, part.name if nested else "")
        own = f"{prefix}_{group}" if group else prefix
        if isinstance(value, Parameters):
            yield from _settings(value, own, {})
        elif not isinstance(value, str) or part.choices:
            yield f"{own}_{part.name}", value
