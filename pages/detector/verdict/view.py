"""The view from its introduction to its figures: whose eyes, which images, the verdict, why."""

from __future__ import annotations

import streamlit as st

from engine.experiments.detection.detection import Detection
from engine.experiments.detection.verdict import Verdict
from engine.records import Record
from pages.detector.benchmarks import benchmark_box, benchmarks, spec_of
from pages.detector.verdict.files import problems, upload_box
from pages.detector.verdict.missing import no_benchmark
from pages.detector.verdict.offered import offers
from pages.detector.verdict.result import result_view
from pages.detector.verdict.state import (
    LINKS,
    follow_address,
    images,
    judge,
    key_of,
    untouched,
)
from pages.shared import service
from pages.shared.choice import about, classifier_box
from pages.shared.controls import checked, fields_named, widget
from pages.shared.handover import CLASSIFIER
from pages.shared.job_panel import job_panel
from pages.shared.shell import told

PATIENCE_SECONDS = 2.0
"""How long the page waits for a verdict before it shows progress instead."""


def render_verdict() -> None:
    """The whole view."""
    st.markdown(
        "An attacked image looks like any other, but the way from it to real images of its class tends to "
        "be harder. Give one image or many: detectors that have learnt from clean and attacked images "
        "say which look attacked, how often they would say so of a clean one, and where they disagree."
    )
    _begin()
    follow_address()
    link = LINKS.linked()
    record = link.record
    with told():
        of, allowed = _choice()
        problems()
        if record is None and of:
            if images():
                record = _verdict(of, allowed)
            else:
                _nothing_yet()
    if record:
        with told():
            result_view(record)


def _begin() -> None:
    """On a first visit, show the shipped verdicts on the default classifier's images, if any."""
    if LINKS.shown() or not untouched():
        return
    for record in service.shipped(Verdict.kind):
        assert isinstance(record.spec, Verdict)
        if record.spec.benchmark.classifier == Detection().classifier:
            LINKS.open(record.key)
            return


def _choice() -> tuple[Detection | None, float]:
    """The controls; whose detectors judge, None where there are none, and the false alarms allowed."""
    with st.container(border=True):
        with st.grid(3, min_column_width=180, vertical_alignment="bottom"):
            classifier = classifier_box(CLASSIFIER, Detection().classifier, LINKS.leave)
            (field,) = fields_named(Verdict, ("false_alarms",))
            allowed = widget(field, "dt", LINKS.leave)
            of = benchmark_box(benchmarks(classifier), key=key_of("benchmark"))
        st.caption(about(classifier))
        if of is None:
            no_benchmark(classifier)
            return None, allowed
        left, right = st.columns(2, gap="large", vertical_alignment="center")
        with left:
            upload_box()
        with right:
            offers(spec_of(of))
    return spec_of(of), allowed


def _verdict(of: Detection, allowed: float) -> Record | None:
    """The record of the verdicts; while they are made, their progress is shown instead."""
    values = {"benchmark": of, "images": images(), "false_alarms": allowed}
    spec = checked(Verdict, values)
    if spec is None:
        return None
    record, job = service.obtain(spec, patience=PATIENCE_SECONDS)
    LINKS.show(spec.key())
    if record is None and job is not None and job_panel(job, key="dt_job"):
        service.submit(spec, service.INTERACTIVE)
        st.rerun()
    if job is not None and job.state in ("failed", "cancelled"):
        st.button("Give other images", key="dt_other", on_click=judge, args=([],))
    return record


def _nothing_yet() -> None:
    st.info(
        "No image yet. Upload one above, pick one from the set, or try the example: a picture before "
        "and after an attack.",
        icon=":material/image_search:",
    )
