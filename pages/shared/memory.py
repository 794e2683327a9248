"""What a page remembers of its address: widgets follow it, and it follows what a visitor chooses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from pages.shared import address
from pages.shared.address import RUN
from pages.shared.setting import Setting


@dataclass
class Memory:
    """The settings of a page by their keys, and what became of them from run to run.

    `seen` is what the address said, `wanted` what it was to say. `shown` is the key of the result on the
    page, which is the page's own choice where it is `unasked`. `base` is what the widgets hold where the
    visitor has chosen nothing else, `own` that part of it which the page chose.
    """

    settings: dict[str, Setting]
    seen: dict[str, str] | None = None
    wanted: dict[str, str] = field(default_factory=dict)
    shown: str | None = None
    unasked: bool = False
    base: dict[str, Any] = field(default_factory=dict)
    own: dict[str, Any] = field(default_factory=dict)

    def said(self) -> dict[str, str]:
        """What the address says now."""
        return address.said((RUN, *self.settings))

    def new(self, stayed: bool) -> dict[str, str] | None:
        """What the address says where the widgets have to follow it; None where it is the page's own work.

        Somebody who has not `stayed` here, and comes by a link that says nothing, finds what he left.
        """
        now = self.said()
        if now == self.seen and (stayed or now):
            return None
        if self.seen is None or stayed or now:
            self.seen = now
            return now
        if not self.unasked:
            self.leave()
        self.seen, self.wanted = now, self.asked()
        return None

    def adopt(
        self,
        said: Mapping[str, str],
        held: Callable[[str | None], Mapping[str, Any]],
        example: str | None = None,
    ) -> set[str]:
        """Fill the widgets: from the result that is named, then from what else is said, by whose keys.

        `held` says what they hold where a result is shown. Where nothing is said, `example` is shown.
        """
        self.shown, self.unasked = example or said.get(RUN), bool(example)
        self.own = {}
        self.base = {**self._start(), **held(self.shown)}
        parsed = {key: self.settings[key].parse(said[key]) for key in said if key != RUN}
        new = {key: value for key, value in parsed.items() if value is not None}
        st.session_state.update({**self.base, **new})
        self.wanted = self.asked()
        return set(new)

    def show(self, key: str) -> None:
        """Show the result, or the job, that the widgets describe."""
        self.shown, self.unasked = key, False
        self.base = {name: setting.held for name, setting in self.settings.items()}

    def leave(self) -> None:
        """Show nothing."""
        self.shown, self.unasked = None, False
        self.base = {**self._start(), **self.own}

    def choose(self, key: str, value: Any) -> None:
        """Put what the page chooses by itself into a widget."""
        self.own[key] = self.base[key] = st.session_state[key] = value

    def asked(self) -> dict[str, str]:
        """What the address is to say: the result, and what has been chosen beside it."""
        chosen = {
            key: setting.text(setting.held)
            for key, setting in self.settings.items()
            if setting.held is not None and setting.held != self.base.get(key)
        }
        if self.shown and (chosen or not self.unasked):
            chosen[RUN] = self.shown
        return chosen

    def write(self, more: Mapping[str, str | None]) -> None:
        """Write into the address what the visitor has chosen since, together with `more`."""
        asked = self.asked()
        if asked not in (self.wanted, self.seen):
            address.write({**dict.fromkeys(self.seen or {}), **more, **asked})
            self.seen = asked
        self.wanted = asked

    def _start(self) -> dict[str, Any]:
        return {key: setting.start for key, setting in self.settings.items()}
