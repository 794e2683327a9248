"""The job tray: what is running, on every page, with its progress, a way to stop and a link to the result."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from engine.experiments.base import Spec
from engine.jobs import Job
from pages.shared import service
from pages.shared.fragments import fragment
from pages.shared.job_panel import cancel_button, pace_of, progress_line
from pages.shared.shell import page_of
from pages.shared.words import plain

SLOWER = 2.5
"""So many times longer than a job's own panel the tray waits before it looks again."""

FINISHED = 3
"""How many jobs that have ended stay listed."""


def tray() -> None:
    """Draw the tray in the sidebar; it asks for news only while something is active."""
    if may := service.limits().words():
        st.sidebar.caption(f"A job on this server may {may}.")
    active, recent = _listed()
    if active or recent:
        with st.sidebar:
            pace = _pace(active)
            fragment(_tray, run_every=pace)(pace)


def worth_listing(spec: Spec) -> bool:
    """Whether the end of such a job is news: rankings and straight paths appear where they are needed."""
    return bool(spec.page) and spec.group.news


def _listed() -> tuple[list[Job], list[Job]]:
    """The active jobs, and those of this session that ended last and are worth a line."""
    everything = service.my_jobs()
    ended = [job for job in everything if not job.active and worth_listing(job.spec)]
    ended = [job for job in ended if job.key in service.mine()]
    recent = sorted(ended, key=lambda job: job.submitted, reverse=True)
    return [job for job in everything if job.active], recent[:FINISHED]


def _pace(active: Sequence[Job]) -> float | None:
    return min((SLOWER * pace_of(job) for job in active), default=None)


def _tray(pace: float | None) -> None:
    active, recent = _listed()
    if pace is not None and _pace(active) != pace:
        st.rerun()
    st.markdown("**Jobs**")
    for job in active:
        with st.container(border=True, gap="small"):
            st.markdown(plain(job.spec.doing()))
            st.progress(job.done, text=progress_line(job))
            cancel_button(job, f"tray_cancel_{job.key}")
    for job in recent:
        _ended(job)


def _ended(job: Job) -> None:
    words = plain(job.spec.subject())
    if job.state == "done":
        st.page_link(
            page_of(job.spec),
            label=words,
            icon=":material/check_circle:",
            query_params={"run": job.key},
            help="Open the result",
        )
        return
    icon, state = (
        (":material/error:", "failed")
        if job.state == "failed"
        else (":material/block:", "cancelled")
    )
    st.caption(f"{icon} {words}: {state}", help=plain(job.error) or None)
