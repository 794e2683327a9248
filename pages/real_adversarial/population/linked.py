"""What a link `?run=<key>` leads to in this view; without one, what a first visit shows."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from engine.errors import IsthmusError
from engine.experiments.base import Spec
from engine.experiments.population.pair_statistics import PairStatistics
from engine.experiments.population.spec import PopulationSpec
from engine.jobs import Job
from engine.records import Record
from pages.real_adversarial.population import state
from pages.shared import service
from pages.shared.fitting import objection


@dataclass(frozen=True)
class Linked:
    """The result or the job that the page's link names; neither if there is no link, or a bad one."""

    record: Record | None = None
    job: Job | None = None


def holds(key: str | None) -> bool:
    """Whether `key` names a result of this view, or a job that makes one."""
    if not key:
        return False
    try:
        record = service.find(key)
    except IsthmusError:
        return False
    job = service.jobs().job(key) if record is None else None
    return _own(record.spec if record else job.spec if job else None)


def linked() -> Linked:
    """Look up the link; says what is wrong with one that leads nowhere, and keeps the view usable."""
    key = state.shown()
    if key is None:
        return Linked()
    try:
        record = service.find(key)
    except IsthmusError as error:
        _nowhere(str(error))
        return Linked()
    job = service.jobs().job(key) if record is None else None
    if job and job.state == "done":
        # It ended after the store was asked, or its record has made room for newer ones since.
        record, job = service.find(key), None
    spec = record.spec if record else job.spec if job else None
    if spec is None:
        _nowhere(
            f"There is no result {key} on this server: it was computed elsewhere, deleted, or made "
            "room for newer ones. Bring its ZIP file in on the Runs page, or run it again with the "
            "line of shell that came with it."
        )
        return Linked()
    if not isinstance(spec, tuple(state.KINDS.values())):
        _nowhere(f"The result {key} is of another kind ({spec.kind}). Open it from the Runs page.")
        return Linked()
    if record and (words := objection(record)):
        _nowhere(words)
        return Linked()
    assert isinstance(spec, PopulationSpec)
    state.adopt(key, spec)
    return Linked(record, job)


def begin(part: str) -> None:
    """On a first visit, follow the link to the shipped result for the default classifier, if any."""
    if state.shown() or not state.untouched():
        return
    usual = PairStatistics()
    for record in service.shipped(state.KINDS[part].kind):
        spec = record.spec.to_dict()
        if (spec["classifier"], spec["dataset"]) == (usual.classifier, usual.dataset):
            state.open_result(record.key)
            return


def _own(spec: Spec | None) -> bool:
    return isinstance(spec, tuple(state.KINDS.values()))


def _nowhere(words: str) -> None:
    with st.container(border=True):
        st.error(words, icon=":material/link_off:")
        with st.container(horizontal=True):
            st.button("Start afresh", type="primary", key="pop_afresh", on_click=state.leave)
            st.page_link("pages/runs/page.py", label="See all results", icon=":material/list_alt:")
