"""The way from a link to a page and back: address <-> widgets <-> spec, and the result or the job named.

A page opens its `Link` at its top. The widgets follow the address wherever that is not what the page last
wrote: a link, a bookmark, Back. At its bottom the page writes into the address what a visitor has chosen
since, as one entry of the history. What the page chooses by itself is not written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import streamlit as st

from engine.errors import IsthmusError
from engine.experiments.base import Spec
from engine.jobs import Job
from engine.records import Record
from pages.shared import address, service
from pages.shared.address import RUN
from pages.shared.fitting import own_set
from pages.shared.form import Form
from pages.shared.job_panel import job_panel
from pages.shared.linked import Kinds, Linked, look_up
from pages.shared.memory import Memory
from pages.shared.setting import Setting
from pages.shared.words import plain


def nothing_more(found: Linked) -> Mapping[str, Any]:
    """The widgets hold no more than the spec says."""
    return {}


def no_example() -> Record | None:
    """Nothing is shown where nothing is asked for."""
    return None


@dataclass(frozen=True)
class Link:
    """The links of a page, or of a part of it, that shows results of the forms' kinds.

    `extras` are widgets that are in the address and in no spec, `more` says what those and others hold
    where a result is shown: key -> value. `example` is the record that a first visit shows. Parameters
    in `fleeting` are gone from the address as soon as something else is written there.
    """

    prefix: str
    forms: tuple[Form[Any], ...]
    extras: tuple[Setting, ...] = ()
    more: Callable[[Linked], Mapping[str, Any]] = nothing_more
    example: Callable[[], Record | None] = no_example
    fleeting: tuple[str, ...] = ()

    def key(self, name: str) -> str:
        """The key of a widget of this page."""
        return f"{self.prefix}_{name}"

    @contextmanager
    def opened(self) -> Iterator[Linked]:
        """The result or the job that is shown. Says what is wrong with a link that leads nowhere."""
        said = self.memory.new(stayed=address.comes_from(self.prefix))
        if said is not None:
            self._adopt(said)
        self._bring_own_sets()
        found = look_up(self.shown, self.kinds)
        if found.problem:
            self._nowhere(found.problem)
        yield found
        self._write()

    @property
    def shown(self) -> str | None:
        """The key of the result on the page, or of what was named as one."""
        return self.memory.shown

    @property
    def memory(self) -> Memory:
        """What the page remembers of its address."""
        name = f"isthmus_{self.prefix}"
        if name not in st.session_state:
            settings = [one for form in self.forms for one in form.settings.values()]
            st.session_state[name] = Memory({one.key: one for one in (*settings, *self.extras)})
        memory: Memory = st.session_state[name]
        return memory

    def chosen(self, setting: Setting) -> bool:
        """Whether the visitor has chosen what a widget holds."""
        return bool(setting.held != self.memory.base.get(setting.key))

    def own(self, key: str, value: Any) -> None:
        """Put what the page chooses by itself into a widget that is still to be drawn."""
        self.memory.choose(key, value)

    def show(self, key: str) -> None:
        """Show the result, or the job, that the widgets describe."""
        self.memory.show(key)

    def open(self, key: str) -> None:
        """Show a result, and let the widgets follow it."""
        self._adopt({RUN: key})
        self.memory.wanted = {}

    def leave(self) -> None:
        """Show nothing; called when what is shown is no longer what is asked for."""
        self.memory.leave()

    def ask(self, values: Mapping[str, Any], **more: str | None) -> None:
        """Fill widgets from elsewhere, and write that into the address, together with `more`."""
        self.leave()
        st.session_state.update(values)
        self.memory.seen = self.memory.wanted = self.memory.asked()
        address.write({**self.memory.seen, **more})

    def start(self, spec: Spec, priority: int = 0) -> None:
        """Submit a spec, unless its record is stored, and show that."""
        if service.found(spec):
            service.remember(spec.key())
        else:
            service.submit(spec, priority)
        self.show(spec.key())
        self._write()
        st.rerun()

    def running(self, job: Job, *, trace: bool = False) -> None:
        """The job under way, or how it ended if it did not end well."""
        if job_panel(job, key=self.key("job"), trace=trace):
            self.start(job.spec)

    @property
    def kinds(self) -> Kinds:
        """The kinds of results that are shown."""
        return tuple(form.kind for form in self.forms)

    def _write(self) -> None:
        self.memory.write(dict.fromkeys(self.fleeting))

    def _adopt(self, said: Mapping[str, str]) -> None:
        example = None if said else self.example()
        named = self.memory.adopt(said, self._held, example.key if example else None)
        for form in self._with_sets():
            # A set that nobody named follows a classifier that somebody did.
            follows = form["classifier"].key in named and form["dataset"].key not in named
            st.session_state[f"{form.prefix}_set_of"] = None if follows else form["classifier"].held

    def _held(self, key: str | None) -> Mapping[str, Any]:
        """What the widgets hold where a result is shown; nothing where it is none of this page's."""
        found = look_up(key, self.kinds)
        with suppress(IsthmusError):
            for form in self.forms:
                if found.spec and form.kind is type(found.spec):
                    return {**form.shown(found.spec), **self.more(found)}
        return {}

    def _bring_own_sets(self) -> None:
        """Where another classifier has been chosen, take the image set that it was trained on."""
        for form in self._with_sets():
            name, classifier = f"{form.prefix}_set_of", form["classifier"].held
            if st.session_state.get(name) != classifier:
                st.session_state[name] = classifier
                if own := own_set(classifier or ""):
                    self.own(form["dataset"].key, own)

    def _with_sets(self) -> list[Form[Any]]:
        return [form for form in self.forms if {"classifier", "dataset"} <= set(form.settings)]

    def _nowhere(self, words: str) -> None:
        with st.container(border=True):
            st.error(plain(words), icon=":material/link_off:")
            with st.container(horizontal=True):
                st.button(
                    "Start afresh", type="primary", key=self.key("afresh"), on_click=self.leave
                )
                st.page_link(
                    "pages/runs/page.py", label="See all results", icon=":material/list_alt:"
                )
