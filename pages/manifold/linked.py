"""What a link `?run=<key>` leads to: a result, a search under way, or a clear word on why there is none."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from engine.classifiers import card
from engine.classifiers.labels import class_index
from engine.errors import IsthmusError
from engine.experiments.base import Spec
from engine.jobs import Job
from engine.records import Record
from pages.manifold import state
from pages.manifold.choice import class_names
from pages.shared import service
from pages.shared.fitting import objection


@dataclass(frozen=True)
class Linked:
    """The result or the job that the page's link names; neither if there is no link, or a bad one."""

    record: Record | None = None
    job: Job | None = None


def linked() -> Linked:
    """Look up the link; says what is wrong with one that leads nowhere, and keeps the page usable."""
    key = state.shown()
    if key is None:
        return Linked()
    try:
        record, job = service.find(key), None
        if record is None:
            job = service.jobs().job(key)
        if job and job.state == "done":
            # It ended after the store was asked, or its record has made room for newer ones since.
            record, job = service.find(key), None
    except IsthmusError as error:
        return _nowhere(str(error))
    spec = record.spec if record else job.spec if job else None
    if spec is None:
        return _nowhere(
            f"There is no result {key} on this server: it was computed elsewhere, deleted, or made "
            "room for newer ones. Bring its ZIP file in on the Runs page, or run it again with the "
            "line of shell that came with it."
        )
    if type(spec) not in state.VIEWS.values():
        return _nowhere(
            f"The result {key} is of another kind ({spec.kind}). Open it from the Runs page."
        )
    if record and (words := objection(record)):
        return _nowhere(words)
    state.adopt(key, spec, _target(spec))
    return Linked(record, job)


def _target(spec: Spec) -> str:
    """The class as the page's widget names it."""
    values = spec.to_dict()
    classes = card(values["classifier"]).classes
    return class_names(classes)[class_index(values["label"] or "0", classes)]


def _nowhere(words: str) -> Linked:
    with st.container(border=True):
        st.error(words, icon=":material/link_off:")
        with st.container(horizontal=True):
            st.button("Start afresh", type="primary", key="mf_afresh", on_click=state.leave)
            st.page_link("pages/runs/page.py", label="See all results", icon=":material/list_alt:")
    return Linked()
