"""Nobody has learnt to judge images for this classifier: what it takes, and how to begin."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from engine.classifiers import card
from engine.datasets import known_datasets
from engine.errors import IsthmusError
from engine.experiments.detection import Detection
from engine.records.command import command_of


def no_benchmark(classifier: str) -> None:
    """Say what is missing, and offer the benchmark that would make it."""
    spec = replace(Detection(), classifier=classifier, dataset=own_set(classifier))
    st.info(
        f"There is no benchmark for {classifier} here yet, so no detector has learnt what attacks on it "
        "look like. A benchmark attacks images that it sees rightly, fits every detector, and "
        f"keeps them. With {spec.images:,} images of {spec.dataset} that takes long without a GPU, "
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
    st.caption("The same from a shell")
    st.code(command_of(spec), language="shell", wrap_lines=True)


def own_set(classifier: str) -> str:
    """The image set that a classifier belongs to, where it is known here; else the default."""
    try:
        own = card(classifier).dataset
    except IsthmusError:
        own = ""
    return own if own in known_datasets() else Detection().dataset


def _to_benchmark(spec: Detection) -> None:
    st.session_state["dt_view"] = "Benchmark"
    st.session_state["bm_classifier"] = spec.classifier
    st.session_state["bm_dataset"] = spec.dataset
