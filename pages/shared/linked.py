"""What a link `?run=<key>` leads to: a result, a search under way, or a clear word on why there is none."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from engine.errors import IsthmusError
from engine.jobs import Job
from engine.records import Record
from pages.shared import service
from pages.shared.desk import Desk
from pages.shared.fitting import objection


@dataclass(frozen=True)
class Linked:
    """The result or the job that the page's link names; neither if there is no link, or a bad one."""

    record: Record | None = None
    job: Job | None = None


def linked(desk: Desk) -> Linked:
    """Look up the link; says what is wrong with one that leads nowhere, and keeps the page usable."""
    key = desk.shown()
    if key is None:
        return Linked()
    try:
        record = service.find(key)
    except IsthmusError as error:
        _nowhere(desk, str(error))
        return Linked()
    if record is None:
        return _under_way(desk, key)
    if not isinstance(record.spec, desk.kind):
        _nowhere(
            desk,
            f"The result {key} is of another kind ({record.kind}). Open it from the Runs page.",
        )
        return Linked()
    if words := objection(record):
        _nowhere(desk, words)
        return Linked()
    desk.adopt(key, record.spec, record)
    return Linked(record=record)


def _under_way(desk: Desk, key: str) -> Linked:
    job = service.jobs().job(key)
    if job and job.state == "done":
        # It ended after the store was asked, or its record has made room for newer ones since.
        record = service.find(key)
        if record:
            return Linked(record=record)
        job = None
    if job is None or not isinstance(job.spec, desk.kind):
        _nowhere(
            desk,
            f"There is no result {key} on this server: it was computed elsewhere, deleted, or made "
            "room for newer ones. Bring its ZIP file in on the Runs page, or run it again with the "
            "line of shell that came with it.",
        )
        return Linked()
    desk.adopt(key, job.spec, None)
    return Linked(job=job)


def _nowhere(desk: Desk, words: str) -> None:
    with st.container(border=True):
        st.error(words, icon=":material/link_off:")
        with st.container(horizontal=True):
            st.button("Start afresh", type="primary", key=desk.key("afresh"), on_click=desk.leave)
            st.page_link("pages/runs/page.py", label="See all results", icon=":material/list_alt:")
