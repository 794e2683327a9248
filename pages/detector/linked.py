"""What a link `?run=<key>` leads to on this page: a result, a job that makes one, or a word on neither."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from engine.errors import IsthmusError
from engine.experiments.base import Spec
from engine.jobs import Job
from engine.records import Record
from pages.shared import service
from pages.shared.fitting import objection

RUN = "run"
"""The query parameter that names a result."""


@dataclass(frozen=True)
class Linked:
    """The result or the job that the page's link names; neither if there is no link, or a bad one."""

    record: Record | None = None
    job: Job | None = None

    @property
    def spec(self) -> Spec | None:
        """What it was, or is, made from."""
        if self.record:
            return self.record.spec
        return self.job.spec if self.job else None


@dataclass(frozen=True)
class Links:
    """The links of one view. `adopt` fills its widgets with what a result was made from."""

    prefix: str
    kind: type[Spec]
    adopt: Callable[[Spec], None]

    def shown(self) -> str | None:
        """The key in the page's link, if there is one."""
        return st.query_params.get(RUN)

    def leave(self) -> None:
        """Forget the result that the link names; called when something else is chosen."""
        st.query_params.pop(RUN, None)
        st.session_state.pop(f"{self.prefix}_adopted", None)

    def show(self, key: str) -> None:
        """Make the page's link name a result that the view's own widgets describe."""
        st.query_params[RUN] = key
        st.session_state[f"{self.prefix}_adopted"] = key

    def open(self, key: str) -> None:
        """Make the page's link name a result, and let the widgets follow it."""
        self.leave()
        st.query_params[RUN] = key

    def linked(self) -> Linked:
        """Look up the link; says what is wrong with one that leads nowhere, and keeps the view usable."""
        key = self.shown()
        if key is None:
            return Linked()
        try:
            found = looked_up(key)
        except IsthmusError as error:
            return self._nowhere(str(error))
        spec = found.spec
        if spec is None:
            return self._nowhere(
                f"There is no result {key} on this server: it was computed elsewhere, deleted, or made "
                "room for newer ones. Bring its ZIP file in on the Runs page, or run it again with the "
                "line of shell that came with it."
            )
        if not isinstance(spec, self.kind):
            return self._nowhere(
                f"The result {key} is of another kind ({spec.kind}). Open it from the Runs page."
            )
        if found.record and (words := objection(found.record)):
            return self._nowhere(words)
        if st.session_state.get(f"{self.prefix}_adopted") != key:
            st.session_state[f"{self.prefix}_adopted"] = key
            self.adopt(spec)
        return found

    def _nowhere(self, words: str) -> Linked:
        with st.container(border=True):
            st.error(words, icon=":material/link_off:")
            with st.container(horizontal=True):
                st.button(
                    "Start afresh",
                    type="primary",
                    key=f"{self.prefix}_afresh",
                    on_click=self.leave,
                )
                st.page_link(
                    "pages/runs/page.py", label="See all results", icon=":material/list_alt:"
                )
        return Linked()


def looked_up(key: str) -> Linked:
    """The record under `key`, or the job that makes it; RecordError for a malformed key."""
    record = service.find(key)
    job = service.jobs().job(key) if record is None else None
    if job and job.state == "done":
        # It ended after the store was asked, or its record has made room for newer ones since.
        record, job = service.find(key), None
    return Linked(record, job)


def kind_of(key: str) -> str:
    """The kind of the result under `key`; empty where there is none."""
    try:
        spec = looked_up(key).spec
    except IsthmusError:
        return ""
    return spec.kind if spec else ""
