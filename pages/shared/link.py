"""The way from a link to a page and back: address <-> widgets <-> spec, and the result or the job named.

A page opens its `Link` at its top. The widgets follow the address wherever that is not what the page last
wrote: a link, a bookmark, Back. At its bottom the page writes into the address what a visitor has chosen
since, as one entry of the history. What the page chooses by itself is not written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from engine.errors import IsthmusError
from engine.experiments import footprint
from engine.experiments.base import Spec
from engine.jobs import Job
from engine.records import Record
from engine.records.names import is_imported
from pages.shared import address, service
from pages.shared.address import RUN
from pages.shared.controls import Setting
from pages.shared.fitting import objection, own_set
from pages.shared.form import Form
from pages.shared.job_panel import job_panel, never
from pages.shared.words import plain

LARGE = 3 * 64 * 64
"""Numbers of an input above which a network is large: each point takes it a thirtieth of a second or more."""

FEW = {"points": 200, "plane_resolution": 21}
"""What a page asks for with a large network, where the visitor says nothing else."""

Kinds = tuple[type[Spec], ...]


@dataclass(frozen=True)
class Linked:
    """The result or the job that a key leads to; neither, and perhaps what is wrong with the key."""

    record: Record | None = None
    job: Job | None = None
    problem: str = ""

    @property
    def spec(self) -> Spec | None:
        """What it was, or is, made from."""
        if self.record:
            return self.record.spec
        return self.job.spec if self.job else None


def look_up(key: str | None, kinds: Kinds = (Spec,)) -> Linked:
    """The record of one of these kinds under a key, or the job that makes it."""
    if key is None:
        return Linked()
    try:
        found = _found(key)
    except IsthmusError as error:
        return Linked(problem=str(error))
    if found.spec is None:
        return Linked(
            problem=f"There is no result {key} on this server: it was computed elsewhere, deleted, or "
            "made room for newer ones. Bring its ZIP file in on the Results page, or run it again with the "
            "line of shell that came with it."
        )
    if not isinstance(found.spec, kinds):
        kind = found.spec.kind
        return Linked(
            problem=f"The result {key} is of another kind ({kind}). Open it from the Results page."
        )
    if found.record and (words := objection(found.record)):
        return Linked(problem=words)
    return found


def spec_of(key: str | None) -> Spec | None:
    """What the result under a key was, or is being, made from."""
    with suppress(IsthmusError):
        return _found(key).spec if key else None
    return None


def _found(key: str) -> Linked:
    record = service.find(key)
    job = service.jobs().job(key) if record is None else None
    if job and job.state == "done":
        # It ended after the store was asked, or its record has made room for newer ones since.
        record, job = service.find(key), None
    return Linked(record, job)


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
        self._ask_for_less()
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
        return st.session_state[name]

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

    def running(self, job: Job, *, trace: bool = False, news: Callable[[], bool] = never) -> None:
        """The job under way, or how it ended if it did not end well; see `job_panel`."""
        if job_panel(job, key=self.key("job"), trace=trace, news=news):
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

    def _ask_for_less(self) -> None:
        """Where a network is large, and nothing is shown, ask for few points."""
        for form in self._with_sets() if not self.shown else ():
            large = False
            with suppress(IsthmusError):
                large = footprint.values_of(form["classifier"].held or "") > LARGE
            for name, few in FEW.items():
                setting = form.settings.get(name)
                if setting and not self.chosen(setting):
                    self.own(setting.key, few if large else setting.start)

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


def origin_notice() -> None:
    """Says of a linked result that it came as a file, or that today's Isthmus would compute it anew."""
    key = st.query_params.get("run", "")
    if is_imported(key):
        st.warning(
            "**Imported result.** Somebody brought it as a file. Isthmus has not computed its numbers and "
            "cannot tell whether they are what its settings give: run it again to know.",
            icon=":material/upload_file:",
        )
    with suppress(IsthmusError):  # the page itself says what is wrong with a link
        record = service.find(key) if key else None
        if record and record.outdated:
            st.info(
                "**Older revision.** This result was computed before its experiment was changed, so its "
                "numbers may not be today's. Run it again to compare.",
                icon=":material/history:",
            )
