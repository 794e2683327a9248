"""The pictures of a set ranked by loss: what a page offers to choose from."""

from __future__ import annotations

import math

import streamlit as st

from engine.classifiers import card
from engine.datasets import ImageSet, load_dataset
from engine.experiments.images.results import SurveyResult
from engine.experiments.images.survey import Survey
from pages.shared import service
from pages.shared.job_panel import job_panel
from pages.shared.words import counted

SURVEYED = (200, 2000)
"""Images that are ranked for a page, evenly spread over the set: of large ones fewer ..."""

SURVEYED_VALUES = 60_000_000
"""... so that together they have about this many colour values, which is a matter of seconds."""

PATIENCE_SECONDS = 1.5

NAMED = 3
"""Of more pictures that cannot be read, these many are named."""

CANDIDATES = 48
"""Pictures of a class that are offered."""


def survey(classifier: str, dataset: str, split: str, *, key: str) -> SurveyResult | None:
    """The ranking of the set's images by loss; while it is made, its progress is shown instead."""
    fetch(dataset, split)
    images = image_set(classifier, dataset, split)
    few, many = SURVEYED
    limit = max(few, min(many, SURVEYED_VALUES // math.prod(images.shape)))
    if len(images) <= limit:
        limit = 0  # all of them: the ranking that the engine itself would ask for
    spec = Survey(classifier=classifier, dataset=dataset, split=split, limit=limit)
    record, job = service.obtain(spec, patience=PATIENCE_SECONDS)
    if record is None and job is not None and job_panel(job, key=key):
        service.submit(spec, service.INTERACTIVE)
        st.rerun()
    if record is None:
        return None
    found = record.found(SurveyResult)
    if found.damaged:
        count = counted(found.damaged_count, "pictures")
        st.caption(f"Left out, for it cannot be read: {count}. {' '.join(found.damaged[:NAMED])}")
    return found


def fetch(dataset: str, split: str) -> None:
    """Download the set if it is not here yet, with a bar that shows how far it is."""
    place = st.empty()  # in every run, so that what follows keeps its place on the page
    if (dataset, split) in _fetched():
        return

    def show(step: float, total: float, **metrics: float | str) -> None:
        done = min(step / total, 1.0) if total else 0.0
        place.progress(done, text=str(metrics.get("stage", "Downloading")))

    load_dataset(dataset, split, report=show)
    place.empty()
    _fetched().add((dataset, split))


@st.cache_resource(show_spinner=False)
def _fetched() -> set[tuple[str, str]]:
    """The sets that are known to be here, for all sessions."""
    return set()


@st.cache_resource(show_spinner="Opening the image set …", max_entries=8, ttl="10m")
def image_set(classifier: str, dataset: str, split: str) -> ImageSet:
    """The set as the classifier takes it, opened once for all sessions."""
    seen = card(classifier)
    channels, height, width = seen.input_shape
    return load_dataset(dataset, split, (height, width), channels, resize=seen.resize)
