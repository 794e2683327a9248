"""The view from its introduction to its figures: whose eyes, which images, the verdict, why."""

from __future__ import annotations

import streamlit as st

from engine.experiments.detection.detection import Detection
from engine.records import Record
from pages.detector.stored import benchmark_box, benchmarks, spec_of
from pages.detector.verdict.given import images_box, offers, problems
from pages.detector.verdict.missing import no_benchmark
from pages.detector.verdict.result import lead, reasons_view
from pages.detector.verdict.state import (
    ALARMS,
    CLASSIFIER,
    FORM,
    LINK,
    follow_address,
    images,
    judge,
    key_of,
)
from pages.shared import service
from pages.shared.controls import by_hand
from pages.shared.fitting import about
from pages.shared.job_panel import job_panel
from pages.shared.shell import told
from pages.shared.words import meaning

PATIENCE_SECONDS = 2.0
"""How long the page waits for a verdict before it shows progress instead."""

RATES = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
"""Shares of clean pictures called attacks that are offered; a link may name any other."""


def render_verdict() -> None:
    """The whole view."""
    st.markdown(
        "An attacked picture looks like any other. Detectors that have learnt from clean and attacked "
        "ones say which look attacked, and how often they would say so of a clean one.",
        help=meaning("false positives", "barrier", "loss", "nats"),
    )
    follow_address()
    with LINK.opened() as link:
        record, of, allowed = link.record, None, ALARMS.start
        lead_place, own, rest = st.container(), st.container(), st.container()
        with own, told():
            of, allowed = _choice()
            problems()
        if record is None and of:
            with lead_place, told():
                if images():
                    record = _verdict(of, allowed)
                else:
                    _nothing_yet()
        if record:
            with lead_place, told():
                found, image = lead(record)
                with rest:
                    reasons_view(record, found, image)


def _choice() -> tuple[Detection | None, float]:
    """The controls; whose detectors judge, None where there are none, and the false positives allowed."""
    with st.container(border=True):
        st.markdown("**Judge your own pictures**")
        left, right = st.columns(2, gap="large", vertical_alignment="center")
        with st.expander("Settings", icon=":material/tune:", key=key_of("settings")):
            with st.grid(3, min_column_width=180, vertical_alignment="bottom"):
                classifier = CLASSIFIER.draw(LINK.leave)
                allowed = _allowed()
                of = benchmark_box(benchmarks(classifier), key=key_of("benchmark"))
            st.caption(about(classifier))
        if of is None:
            no_benchmark(classifier)
            return None, allowed
        with left:
            images_box()
        with right:
            offers(spec_of(of))
    return spec_of(of), allowed


def _allowed() -> float:
    """The widget for the share of clean pictures that may be called attacks."""
    rates = sorted({*RATES, float(ALARMS.held)})
    st.session_state.setdefault(ALARMS.key, ALARMS.start)
    chosen = st.selectbox(
        "False positives allowed",
        rates,
        format_func=lambda rate: f"{100 * rate:g} %",
        key=ALARMS.key,
        on_change=by_hand(ALARMS.key, LINK.leave),
        persist_state="session",
        help=ALARMS.field.parameter.help,
    )
    return float(chosen or ALARMS.start)


def _verdict(of: Detection, allowed: float) -> Record | None:
    """The record of the verdicts; while they are made, their progress is shown instead."""
    spec = FORM.spec({"benchmark": of, "images": images(), "false_alarms": allowed})
    if spec is None:
        return None
    record, job = service.obtain(spec, patience=PATIENCE_SECONDS)
    LINK.show(spec.key())
    if record is None and job is not None and job_panel(job, key="dt_job"):
        service.submit(spec, service.INTERACTIVE)
        st.rerun()
    if job is not None and job.state in ("failed", "cancelled"):
        st.button("Give other images", key="dt_other", on_click=judge, args=([],))
    return record


def _nothing_yet() -> None:
    st.info(
        "No image yet. Upload one below, pick one from the set, or try the example: a picture before "
        "and after an attack.",
        icon=":material/image_search:",
    )
