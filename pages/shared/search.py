"""What a visitor waits for at a desk: the straight path at once, a search when it is asked for."""

from __future__ import annotations

import streamlit as st

from engine.experiments.base import Spec
from engine.jobs import Job
from engine.records import Record
from pages.shared import service
from pages.shared.desk import Desk
from pages.shared.job_panel import job_panel

PATIENCE_SECONDS = 1.0
"""How long a page waits for a straight path before it shows progress instead."""


def straight_path(desk: Desk, spec: Spec) -> Record | None:
    """The record of a straight path; while it is made, its progress is shown instead."""
    _drop_former(desk, spec.key())
    record, job = service.obtain(spec, patience=PATIENCE_SECONDS)
    if record is None and job is not None and job_panel(job, key=desk.key("straight")):
        service.submit(spec, service.INTERACTIVE)
        st.rerun()
    return record


def start(desk: Desk, spec: Spec) -> None:
    """Submit the search and make the page's link name its result."""
    service.submit(spec)
    desk.show(spec.key())
    st.rerun()


def running(desk: Desk, job: Job) -> None:
    """The search under way, or how it ended if it did not end well."""
    if job_panel(job, key=desk.key("job"), trace=True):
        start(desk, job.spec)


def _drop_former(desk: Desk, key: str) -> None:
    """Cancel the straight path of pictures that are no longer looked at."""
    name = desk.key("straight_key")
    former = st.session_state.get(name)
    st.session_state[name] = key
    job = service.jobs().job(former) if former and former != key else None
    if job and job.active:
        service.cancel(job)
