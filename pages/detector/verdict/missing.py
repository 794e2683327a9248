"""Nobody has learnt to judge images for this classifier: what it takes, and how to begin."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from engine.errors import ClassesError
from engine.experiments.detection.detection import Detection
from engine.experiments.images.spec import fitting_set
from engine.records.command import command_of
from pages.detector.benchmark.view import FORM as BENCHMARK
from pages.detector.benchmark.view import LINK
from pages.shared.fitting import own_set
from pages.shared.words import plain


def no_benchmark(classifier: str) -> None:
    """Say what is missing, and offer the benchmark that would make it."""
    spec = replace(Detection(), classifier=classifier, dataset=fitting_name(classifier))
    of = (
        f" of {plain(spec.dataset)}"
        if spec.dataset
        else ", from a set of its classes that you name,"
    )
    st.info(
        f"There is no benchmark for {plain(classifier)} here yet, so no detector has learnt what attacks on "
        "it look like. A benchmark attacks images that are correctly classified, fits every detector, and "
        f"keeps them. With {spec.images:,} images{of} that takes long without a GPU, "
        "C&W most of all; fewer images take less, and what is done is kept.",
        icon=":material/school:",
    )
    st.button(
        "Set up a benchmark",
        type="primary",
        icon=":material/monitoring:",
        key="dt_setup",
        on_click=_to_benchmark,
        args=(spec,),
    )
    if spec.dataset:
        st.caption("The same from a shell")
        st.code(command_of(spec), language="shell", wrap_lines=True)


def fitting_name(classifier: str) -> str:
    """The classifier's own image set, else the default one where its classes fit; empty otherwise."""
    usual = Detection()
    if own := own_set(classifier):
        return own
    try:
        fitting_set(classifier, usual.dataset, usual.split)
    except ClassesError:
        return ""
    return usual.dataset


def _to_benchmark(spec: Detection) -> None:
    values = {BENCHMARK["classifier"].key: spec.classifier, BENCHMARK["dataset"].key: spec.dataset}
    LINK.ask({key: name or None for key, name in values.items()}, dt_view="Benchmark", run=None)
