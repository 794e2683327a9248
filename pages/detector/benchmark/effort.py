"""How much work a benchmark is: its parts, those stored already, and what they take."""

from __future__ import annotations

from collections import Counter

import streamlit as st

from engine.experiments.detection import Detection
from pages.detector.benchmarks import benchmarks, has
from pages.shared.words import duration

PARTS = {
    "attacked-shard": "of attacks",
    "feature-shard": "of features",
    "detector-judgement": "of judgement",
}
"""Kinds of parts -> what they are called; a part has up to 100 images."""


def effort(spec: Detection) -> None:
    """Say what there is to do for `spec`, and how long that will take, as far as it is known."""
    missing, total = Counter[str](), 0
    for kind, key in parts_of(spec.canonical(), spec):
        total += 1
        missing[kind] += not has(kind, key)
    left = missing.total()
    if not left:
        st.caption(":material/timer: Every part is stored already: it is put together in seconds.")
        return
    words = ", ".join(f"{missing[kind]:,} {name}" for kind, name in PARTS.items() if missing[kind])
    done = f" {total - left:,} of {total:,} are stored already." if left < total else ""
    st.caption(f":material/timer: {left:,} parts to compute: {words}.{done} {_taken(spec)}")


@st.cache_data(show_spinner=False, max_entries=32)
def parts_of(canonical: str, _spec: Detection) -> list[tuple[str, str]]:
    """Kind and key of every part of a benchmark; `canonical` tells benchmarks apart."""
    return [(part.kind, part.key()) for part in _spec.shards()]


def _taken(spec: Detection) -> str:
    """How long the features will take, by the times that a stored benchmark measured."""
    go_on = "It can be stopped, and goes on later from the parts that are done."
    own = benchmarks(spec.classifier)
    if not own:
        return go_on
    costs = own[0].tables["cost"].set_index("detector")["milliseconds"]
    known = [name for name in spec.contestants if name in costs]
    # Every attacked image counts twice, as floats and with 8 bits; clean, wrong and noisy ones once.
    samples = 2 * len(spec.attack_names) + 3
    seconds = float(costs[known].sum()) / 1000 * spec.images * samples
    return (
        f"By the times of the stored benchmark {own[0].key[:6]}, the features take about "
        f"{duration(seconds)} of one worker ({own[0].environment['device']}); attacks come on top, C&W "
        f"most of all. {go_on}"
    )
