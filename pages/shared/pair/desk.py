"""Where the pictures of a pair lie: one slot each, filled by the visitor, by the page, or by the engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from engine.experiments.base import Spec
from engine.records import Record
from pages.shared import service
from pages.shared.controls import Setting
from pages.shared.fitting import fits
from pages.shared.form import Form
from pages.shared.image_sets import Sources
from pages.shared.link import Link, Linked


@dataclass(frozen=True)
class Desk:
    """What tells one such page from another.

    `slots` gives the letter of the picture that each of these fields names. Beside them the spec says
    where pictures come from and of which class they are. A first visit shows the record of `example`.
    """

    form: Form[Any]
    slots: Mapping[str, str]
    example: Spec
    extras: tuple[Setting, ...] = ()

    @property
    def link(self) -> Link:
        """What the address of the page names."""
        return Link(
            self.form.prefix, (self.form,), self.extras, more=self._more, example=self._example
        )

    def _example(self) -> Record | None:
        return service.found(self.example)

    @property
    def wanted(self) -> bool:
        """Whether the visitor came to bring pictures of his own, so that the place for them is open."""
        return bool(st.session_state.get(self.key("wanted")))

    def want(self, own: bool = True) -> None:
        """Open the place for one's own pictures on the page, or let it fold again."""
        st.session_state[self.key("wanted")] = own

    def key(self, name: str) -> str:
        """The key of a widget."""
        return f"{self.form.prefix}_{name}"

    def reference(self, slot: str) -> str:
        """The picture that the visitor has put into a slot; empty where he has not."""
        return str(self.form[slot].held or "").strip()

    def empty(self) -> bool:
        """Whether the visitor has chosen no picture yet."""
        return not any(self.reference(slot) for slot in self.slots)

    def laid(self, own: Mapping[str, str]) -> dict[str, str]:
        """The pictures in the slots, with those that the page chooses for the empty ones."""
        pictures = {slot: self.reference(slot) or own.get(slot, "") for slot in self.slots}
        st.session_state[self.key("laid")] = pictures
        return pictures

    def put(self, pictures: Mapping[str, str]) -> None:
        """Put pictures into slots; the others keep what they show, whoever chose it."""
        laid = st.session_state.get(self.key("laid"), {})
        for slot, picture in {**laid, **pictures}.items():
            st.session_state[self.form[slot].key] = picture or None
        self.link.leave()

    def choose(self, slot: str, reference: str) -> None:
        """Put a picture into a slot."""
        self.put({slot: reference})

    def numbered(self, slot: str) -> None:
        """Called when a picture has been chosen by its number."""
        self.put({slot: self.reference(slot)})

    def other_set(self) -> None:
        """Called when set or class change: the pictures chosen so far are of the old one."""
        for slot in self.slots:
            st.session_state[self.form[slot].key] = None
        self.link.leave()

    def other_classifier(self) -> None:
        """Called when the classifier changes: the classes are others, too."""
        self.other_set()
        st.session_state[self.form["label"].key] = None

    def take_classifier(self, name: str) -> None:
        """Put another classifier into its widget."""
        st.session_state[self.form["classifier"].key] = name
        self.other_classifier()

    def follow(self, name: str) -> None:
        """Let the class follow the pictures that the visitor has chosen, which are seen as this one."""
        if not self.empty() and self.form["label"].held != name:
            st.session_state[self.key("seen")] = self._references, name
            st.rerun()

    @property
    def seen(self) -> str:
        """What the pictures in the slots are seen as, where that is known; else empty."""
        pictures, name = st.session_state.get(self.key("seen"), ((), ""))
        return name if pictures == self._references else ""

    @property
    def _references(self) -> tuple[str, ...]:
        return tuple(self.reference(slot) for slot in self.slots)

    def fits(self, sources: Sources) -> bool:
        """Whether the classifier knows a class of the set; if not, says so and offers what would fit."""
        keys = self.form["classifier"].key, self.form["dataset"].key
        return fits(sources, keys, self.other_classifier)

    def _more(self, found: Linked) -> Mapping[str, Any]:
        """The pictures and the class of a result, where the engine has chosen them."""
        if found.record is None:
            return {}
        summary = found.record.summary
        chosen = {
            self.form[slot].key: (summary[slot] or {}).get("source") or None for slot in self.slots
        }
        return {**chosen, self.form["label"].key: summary["target_name"]}
