"""The straight path at once, and the search for a better one when it is asked for."""

from __future__ import annotations

import streamlit as st

from engine.experiments.real_real import RealReal
from engine.finders.settings import ConnectSettings
from engine.jobs import Job
from engine.records import Record
from pages.real_real import state
from pages.real_real.state import Choice
from pages.shared import service
from pages.shared.controls import checked, fields_named, parameter_form
from pages.shared.job_panel import job_panel

EXTRAS = ("points", "plane_resolution")
PATIENCE_SECONDS = 1.0
"""How long the page waits for a straight path before it shows progress instead."""


def straight_path(choice: Choice) -> Record | None:
    """The record of the straight path; while it is made, its progress is shown instead."""
    if choice.first == choice.second and choice.first:
        st.warning(
            "A and C are the same picture, so there is nothing between them. Choose another one for "
            "A or for C.",
            icon=":material/content_copy:",
        )
        return None
    spec = choice.straight()
    _drop_former(spec.key())
    record, job = service.obtain(spec, patience=PATIENCE_SECONDS)
    if record is None and job is not None and job_panel(job, key="rr_straight"):
        service.submit(spec, service.INTERACTIVE)
        st.rerun()
    return record


def connect_row(choice: Choice, shown: RealReal | None) -> None:
    """The settings of the search and the button that starts it.

    `shown` is the spec of the result on the page, if there is one.
    """
    fields = [*fields_named(ConnectSettings), *fields_named(RealReal, EXTRAS)]
    with st.container(border=True):
        values, row = parameter_form(fields, "rr")
        extras = {name: values.pop(name) for name in EXTRAS}
        settings = checked(ConnectSettings, values)
        label = "Connect again" if shown else "Connect"
        pressed = row.button(
            label,
            type="primary",
            icon=":material/conversion_path:",
            key="rr_connect",
            disabled=settings is None,
            help="Search for a path of low loss between A and C, with these settings.",
        )
    if settings is None:
        return
    spec = choice.spec(**extras, connect=settings)
    if shown and (shown.connect, shown.points, shown.plane_resolution) != (
        settings,
        *extras.values(),
    ):
        st.caption(
            ":material/info: The settings differ from those of the result below. "
            "Connect again to apply them."
        )
    if pressed:
        start(spec)


def start(spec: RealReal) -> None:
    """Submit the search and make the page's link name its result."""
    service.submit(spec)
    state.show(spec.key())
    st.rerun()


def running(job: Job) -> None:
    """The search under way, or how it ended if it did not end well."""
    if job_panel(job, key="rr_job", trace=True):
        start(_spec_of(job))


def _spec_of(job: Job) -> RealReal:
    assert isinstance(job.spec, RealReal)
    return job.spec


def _drop_former(key: str) -> None:
    """Cancel the straight path of a pair that is no longer looked at."""
    former = st.session_state.get("rr_straight_key")
    st.session_state["rr_straight_key"] = key
    job = service.jobs().job(former) if former and former != key else None
    if job and job.active:
        service.cancel(job)
