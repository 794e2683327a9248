"""Connectivity through training: curves and barriers batch by batch and epoch by epoch (Figs. 10, 11)."""

from __future__ import annotations

import streamlit as st

from engine.experiments.untrained.evolution import SHORT, Evolution
from engine.records import Record
from pages.shared.chart_block import chart_block
from pages.shared.downloads import take
from pages.shared.figures import stage_barriers, stage_curves
from pages.shared.linked import Linked
from pages.untrained.sayings import training_words
from pages.untrained.section import result_of

PHASES = {"batch": "Batch by batch (Fig. 10)", "epoch": "Epoch by epoch (Fig. 11)"}
PLURAL = {"batch": "batches", "epoch": "epochs"}


def training(link: Linked) -> None:
    """The section: settings, then the figures of an evolution record."""
    st.subheader("While it learns", anchor=False)
    st.markdown(
        "The same kind of inputs, made anew at every batch and every epoch while a network is trained, "
        "and the loss on the straight line between them (app. D.1). The paper finds that connectivity "
        "rises early, then saturates while its variance grows. One training serves both figures; a "
        "training that was stopped goes on from its last part."
    )
    record = result_of(Evolution, link, "Train and measure", shown=SHORT)
    if record is None:
        return
    spec = record.spec
    assert isinstance(spec, Evolution)
    st.markdown(training_words(record.tables["barriers"], spec, record.summary))
    _figures(record)
    take(record, key="ev_take")


@st.fragment
def _figures(record: Record) -> None:
    barriers, curves = record.tables["barriers"], record.tables["curves"]
    phases = [name for name in PHASES if (barriers["phase"] == name).sum() > 1]
    phase = st.segmented_control(
        "Stages",
        phases,
        default=phases[0],
        format_func=PHASES.__getitem__,
        key="ev_phase",
        required=True,
        label_visibility="collapsed",
    )
    phase = phase or phases[0]
    left, right = st.columns(2, gap="large")
    with left:
        chart, data = stage_curves(curves, phase)
        chart_block(
            chart,
            data,
            name=f"isthmus-training-curves-{phase}-{record.key[:8]}",
            alt_text=f"Mean loss on the straight line between optimal inputs, one line a {phase}",
            key="ev_curves",
            note=f"Mean over pairs and classes, one line a {phase}. Bands hold the middle half of the "
            f"pairs, for the first and the last {phase} only. What to look at: whether late lines lie "
            "below early ones.",
        )
    with right:
        chart, data = stage_barriers(barriers, phase)
        chart_block(
            chart,
            data,
            name=f"isthmus-training-barriers-{phase}-{record.key[:8]}",
            alt_text=f"Mean barrier height on straight lines against the number of {PLURAL[phase]}",
            key="ev_barriers",
            note="Mean height of the barriers. Dark band: 95 % interval of the mean, taking pairs as "
            "independent; dashed: the median; pale band: the middle half of the pairs. What to look at: "
            "how early the median falls, and whether the bands widen later. Where few inputs get below "
            "their loss, as before training, few pairs are left.",
        )
