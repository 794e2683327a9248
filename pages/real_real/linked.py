"""What a link `?run=<key>` leads to: a result, a search under way, or a clear word on why there is none."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from engine.errors import IsthmusError
from engine.experiments.real_real import RealReal
from engine.jobs import Job
from engine.records import Record
from pages.real_real import state
from pages.shared import service


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
        record = service.find(key)
    except IsthmusError as error:
        _nowhere(str(error))
        return Linked()
    if record is None:
        return _under_way(key)
    if not isinstance(record.spec, RealReal):
        _nowhere(
            f"The result {key} is of another kind ({record.kind}). Open it from the Runs page."
        )
        return Linked()
    state.adopt(key, record.spec, record)
    return Linked(record=record)


def _under_way(key: str) -> Linked:
    job = service.jobs().job(key)
    if job and job.state == "done":
        # It ended after the store was asked, or its record has made room for newer ones since.
        record = service.find(key)
        if record:
            return Linked(record=record)
        job = None
    if job is None or not isinstance(job.spec, RealReal):
        _nowhere(
            f"There is no result {key} on this server: it was computed elsewhere, deleted, or made "
            "room for newer ones. Bring its ZIP file in on the Runs page, or run it again with the "
            "line of shell that came with it."
        )
        return Linked()
    state.adopt(key, job.spec, None)
    return Linked(job=job)


def _nowhere(words: str) -> None:
    with st.container(border=True):
        st.error(words, icon=":material/link_off:")
        with st.container(horizontal=True):
            st.button("Start afresh", type="primary", key="rr_afresh", on_click=state.leave)
            st.page_link("pages/runs/page.py", label="See all results", icon=":material/list_alt:")
