"""A job as a page shows it: what is being done, how far it is, how long it takes, and a way to stop."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from html import escape

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from engine.experiments.base import Spec
from engine.jobs import Job
from engine.plots import grammar as g
from engine.plots.palette import BYPASS
from engine.records import Record
from pages.shared import address, service
from pages.shared.figures.remembered import specified
from pages.shared.fragments import fragment
from pages.shared.look import theme
from pages.shared.words import plain

PACES = ((0.0, 0.4), (10.0, 3.0), (30.0, 5.0))
"""From so many seconds on, how many pass between two looks at a job: each takes a browser 0.1 s."""

LOOK_SECONDS = 0.3
"""How long a look lasts, in which what the job tells is shown at once; the page rests before the next one."""

TRACE_SECONDS = 2.0
"""After so long the loss is drawn: for a shorter search, drawing it would take the time that it needs."""

TRACE_HEIGHT = 160


def never() -> bool:
    """There is nothing that the page waits for but the job's end."""
    return False


def job_panel(job: Job, *, key: str, trace: bool = False, news: Callable[[], bool] = never) -> bool:
    """Show an active job until it ends, then run the page again; say how it ended where it went wrong.

    `trace` draws the loss as the search goes. The page is run again too once there is `news` for it.
    Returns whether the user asks to try again.
    """
    if job.active:
        pace, later = pace_of(job), list[bool]()
        fragment(_progress, run_every=pace)(job.key, key, trace, pace, news, later)
        later.append(True)  # from now on it runs alone, and nothing of the page waits for it
        return False
    if job.state == "failed":
        st.error(plain(job.error), icon=":material/error:")
        return st.button("Try again", icon=":material/refresh:", key=f"{key}_retry")
    if job.state == "cancelled":
        st.info(_cancelled(job), icon=":material/block:")
        return st.button("Start again", icon=":material/refresh:", key=f"{key}_retry")
    return False


def obtained(spec: Spec, *, key: str, patience: float = 0.0) -> Record | None:
    """The record of a spec; while it is made, its progress is shown instead. Waits `patience` seconds."""
    record, job = service.obtain(spec, patience=patience)
    if record is None and job is not None and job_panel(job, key=key):
        service.submit(spec, service.INTERACTIVE)
        st.rerun()
    return record


def pace_of(job: Job) -> float:
    """Seconds between two looks at a job, the more the longer it has waited or run."""
    since = time.monotonic() - (job.started or job.submitted)
    return max(pace for begin, pace in PACES if since >= begin)


def progress_line(job: Job) -> str:
    """Stage, share and time left in one line."""
    stage = job.stage.partition("\n")[0]
    parts = [stage or ("Waiting for a worker" if job.state == "queued" else "Working")]
    if job.state == "running":
        parts += [f"{job.done:.0%}".replace("%", " %"), job.time_words]
    return " · ".join(filter(None, parts))


def cancel_button(job: Job, key: str) -> None:
    """A button that stops the job."""
    st.button(
        "Cancel",
        icon=":material/close:",
        key=key,
        on_click=service.cancel,
        args=(job,),
        help=f"Stops the job within a second. {_left(job)}",
    )


def _left(job: Job) -> str:
    """What is left of a job that is stopped."""
    if job.spec.in_parts:
        return "What is measured so far is kept."
    return "It can be started again."


def _cancelled(job: Job) -> str:
    if job.spec.in_parts:
        return "Cancelled. What is measured so far is kept; start again to go on from there."
    return "Cancelled; nothing is lost."


def _progress(
    job_key: str, key: str, trace: bool, pace: float, news: Callable[[], bool], later: list[bool]
) -> None:
    job = service.jobs().job(job_key)
    if job is None or not job.active or pace_of(job) != pace or news():
        address.run_again()
    with st.container(border=True):
        st.markdown(f"**{plain(job.spec.doing())}**")
        places = [st.empty() for _ in range(3)]
        _tell(job, places)
        if trace and time.monotonic() - job.submitted > TRACE_SECONDS:
            _trace(job)
        cancel_button(job, f"{key}_cancel")
    until = time.monotonic() + LOOK_SECONDS
    while later and (left := until - time.monotonic()) > 0:
        job.watch(left)
        if not job.active or news():
            address.run_again()
        _tell(job, places)


def _tell(job: Job, places: Sequence[DeltaGenerator]) -> None:
    """What is known already, how far it is, and what is being made, each in its place."""
    answer, progress, picture = places
    if words := job.stage.partition("\n")[2]:
        answer.markdown(plain(words))
    progress.progress(job.done, text=progress_line(job))
    if job.preview:
        with picture:
            _preview(job.preview)


def _preview(picture: str) -> None:
    """The small picture that the job sent of what it is making, enlarged pixel by pixel."""
    st.html(
        f'<img src="{escape(picture)}" alt="What is being made, as it is now" '
        'style="height:9rem;max-width:100%;object-fit:contain;image-rendering:pixelated">'
    )


def _trace(job: Job) -> None:
    """The loss of the search so far, where the job has reported any."""
    data = pd.DataFrame(job.metrics)
    if "loss" not in data or data["loss"].count() < 2:
        return
    x, y = g.across("seconds", "Time (s)"), g.up("loss", "Loss (nats)", zero=True)
    lines = g.line(data.dropna(subset=["loss"]), x, y, color=BYPASS, interpolate="step-after")
    chart = g.draw(lines, height=TRACE_HEIGHT)
    st.vega_lite_chart(
        specified(chart, theme()), alt="Highest loss of the nodes being optimised, over time"
    )
