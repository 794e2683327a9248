"""The benchmarks that are stored here, and whether their fitted detectors can judge an image."""

from __future__ import annotations

import streamlit as st

from engine.experiments.detection.detection import Detection
from engine.experiments.detection.results import BenchmarkResult
from engine.records import Record
from pages.shared import service
from pages.shared.fitting import objection
from pages.shared.image_sets import here
from pages.shared.words import counted, plain

NONE = ""


def benchmarks(classifier: str = NONE) -> list[Record]:
    """Stored benchmarks, shipped ones first; of one classifier where one is named."""
    return [
        record
        for record in service.of_kind(Detection.kind)
        if classifier in (NONE, spec_of(record).classifier)
    ]


def spec_of(record: Record) -> Detection:
    """What a benchmark was made from."""
    assert isinstance(record.spec, Detection)
    return record.spec


def result_of(record: Record) -> BenchmarkResult:
    """What a benchmark found."""
    return record.found(BenchmarkResult)


def obstacle(record: Record) -> str:
    """Why a benchmark's detectors cannot judge anything here, in words; empty where they can."""
    spec = spec_of(record)
    if words := objection(record):
        return words
    if not all(here(spec.dataset, split) for split in ("train", spec.split)):
        return f"Its image set {spec.dataset} is not on this machine."
    if spec.key() != record.key:
        return "It was made by another version of Isthmus, of the weights or of the images: run it again."
    keys = result_of(record).keys.values()
    missing = [key for key in keys if not service.has("detector-judgement", key)]
    if missing:
        return (
            f"{counted(len(missing), 'fitted detectors')} of it are not in this store (any more): run it "
            "again. Parts that are stored still count."
        )
    return ""


def label(record: Record) -> str:
    """A benchmark in a few words, for choosing it from a list."""
    spec = spec_of(record)
    names = result_of(record).titles
    return (
        f"{spec.dataset}: {spec.images:,} images, {counted(len(spec.attacks), 'attacks')}, "
        f"{counted(len(names), 'detectors')} ({record.key[:6]})"
    )


def benchmark_box(records: list[Record], *, key: str) -> Record | None:
    """The benchmark that judges, chosen where there are several; None where none can, which is said."""
    usable = [record for record in records if not obstacle(record)]
    if not usable:
        for record in records:
            st.caption(f":material/info: {plain(label(record))}: {plain(obstacle(record))}")
        return None
    if len(usable) == 1:
        return usable[0]
    by_key = {record.key: record for record in usable}
    if st.session_state.get(key) not in by_key:
        st.session_state.pop(key, None)
    chosen = st.selectbox(
        "Judged by the benchmark",
        list(by_key),
        format_func=lambda one: label(by_key[one]),
        key=key,
        help="Its detectors have learnt from its images and attacks.",
    )
    return by_key[chosen or usable[0].key]
