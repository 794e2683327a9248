"""How much work a benchmark is: what of it is stored already, and how long the rest may take."""

from __future__ import annotations

import streamlit as st

from engine.experiments.detection.detection import Detection
from engine.experiments.detection.protocol import UNSEEN
from pages.detector.stored import benchmarks
from pages.shared import service
from pages.shared.words import counted, duration

GO_ON = "It can be stopped, and goes on later from what is done."


def effort(spec: Detection) -> None:
    """Say what there is to do for `spec`, and how long that will take, as far as it is known."""
    attacked, judged = (
        [service.has(kind, key) for kind, key in parts]
        for parts in parts_of(spec.canonical(), spec)
    )
    if all(judged):
        words = "Everything is measured already: it is put together in seconds."
    else:
        words = (
            f"{attacked.count(False):,} of {counted(len(attacked), 'batches')} of up to 100 images are "
            f"still to be attacked, and {judged.count(False)} of {counted(len(judged), 'detectors')} to "
            f"be judged. {_expected(spec)}{GO_ON}"
        )
    st.caption(f":material/timer: {words}")


@st.cache_resource(show_spinner=False, max_entries=32)
def parts_of(
    canonical: str, _spec: Detection
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Kind and key of the parts that attack, and of those that judge; `canonical` tells specs apart.

    There are thousands more, of features; counting them would take longer than a page may.
    """
    attacked = [part for parts in _spec.attacked().values() for part in parts]
    parts = (attacked, _spec.judgements())
    attacks, judgements = ([(part.kind, part.key()) for part in some] for some in parts)
    return attacks, judgements


def _expected(spec: Detection) -> str:
    """How long the features will take, by the times that a stored benchmark measured."""
    own = benchmarks(spec.classifier)
    if not own:
        return ""
    costs = own[0].tables["cost"].set_index("detector")["milliseconds"]
    known = [name for name in spec.detectors if name in costs]
    # Every attacked image counts twice, as floats and with 8 bits, and clean ones once; then the others.
    images = spec.images * (2 * len(spec.attacks) + 1) + min(spec.other_images, spec.images) * (
        1 + len(UNSEEN)
    )
    seconds = float(costs[known].sum()) / 1000 * images
    return (
        f"By the times of the stored benchmark {own[0].key[:6]}, the features take about "
        f"{duration(seconds)} of one worker ({own[0].environment['device'].upper()}); attacks come on "
        "top, C&W most of all. "
    )
