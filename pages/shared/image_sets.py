"""Image sets: whether one is on this machine, fetching it, its pictures, and these ranked by loss."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from engine.classifiers import card, labels_of
from engine.classifiers.labels import UNKNOWN, spec_names
from engine.datasets import ImageSet, load_dataset
from engine.errors import IsthmusError
from engine.experiments.base import Spec
from engine.experiments.images.results import SurveyResult
from engine.experiments.images.survey import Survey
from engine.experiments.pair.real_real import BarrierPair
from engine.progress import Cancelled
from pages.shared import service
from pages.shared.job_panel import obtained
from pages.shared.words import counted, plain

Sources = tuple[str, str, str]
"""Classifier, image set, part."""

SURVEYED = (200, 2000)
"""Images of all classes that are ranked for a page, evenly spread over the set: of large ones fewer ..."""

SURVEYED_VALUES = 60_000_000
"""... so that together they have about this many colour values, which is a matter of seconds."""

PATIENCE_SECONDS = 1.5

NAMED = 3
"""Of more pictures that cannot be read, these many are named."""

CANDIDATES = 48
"""Pictures of a class that are offered."""


def ready(spec: Spec, dataset: str, splits: Sequence[str], *, key: str) -> bool:
    """Whether these parts of the image set are on this machine; if not, offers to fetch what `spec` needs.

    IsthmusError where there is no such set.
    """
    if all(here(dataset, split) for split in splits):
        return True
    st.info(
        f"The image set {plain(dataset)} is not on this machine yet, and what is measured depends on it.",
        icon=":material/cloud_download:",
    )
    if st.button("Download it", type="primary", key=key):
        spec.fetch(partial(_bar, st.empty()))
        st.rerun()
    return False


def pictures(
    classifier: str, dataset: str, split: str, indices: Sequence[int]
) -> tuple[np.ndarray | None, str]:
    """The pictures at `indices`, uint8 (n, H, W, C), as the classifier takes them; or why there are none."""
    try:
        if not here(dataset, split):
            return None, f"The image set {plain(dataset)} is not on this machine."
        return image_set(classifier, dataset, split).batch(list(indices)), ""
    except IsthmusError as error:
        return None, str(error)


def here(dataset: str, split: str) -> bool:
    """Whether the set opens without a download. A download tells of itself, and is then given up."""
    if (dataset, split) in _known():
        return True
    try:
        load_dataset(dataset, split, report=_refuse)
    except Cancelled:
        return False
    _known().add((dataset, split))
    return True


def _refuse(step: float, total: float, **metrics: float | str) -> None:
    raise Cancelled


def _bar(place: DeltaGenerator, step: float, total: float, **metrics: float | str) -> None:
    done = min(step / total, 1.0) if total else 0.0
    place.progress(done, text=str(metrics.get("stage", "Downloading")))


@st.cache_resource(show_spinner=False)
def _known() -> set[tuple[str, str]]:
    """The sets that are known to be here, for all sessions."""
    return set()


def survey(sources: Sources, label: str = "", *, key: str) -> SurveyResult | None:
    """The ranking of a class's images by loss, or of some of all; while it is made, its progress instead.

    One of the whole set, or of the whole class, serves where it is stored already.
    """
    whole = Survey(*sources)
    limited = BarrierPair(*sources, label=label).survey if label else _limited(whole)
    stored = filter(None, map(service.found, (whole, replace(limited, limit=0))))
    record = next(stored, None) or obtained(limited, key=key, patience=PATIENCE_SECONDS)
    if record is None:
        return None
    found = record.found(SurveyResult)
    if found.damaged:
        count = counted(found.damaged_count, "pictures")
        st.caption(
            f"Left out, for it cannot be read: {count}. {plain(' '.join(found.damaged[:NAMED]))}"
        )
    return found


def classes_of(sources: Sources, least: int) -> list[str] | None:
    """The classifier's classes of which the set has at least so many images; None where it does not say."""
    seen = card(sources[0])
    labels = labels_of(image_set(*sources), seen)
    if (labels == UNKNOWN).any():
        return None
    counts = np.bincount(labels[labels >= 0], minlength=len(seen.classes))
    return [name for name, n in zip(spec_names(seen.classes), counts, strict=True) if n >= least]


def _limited(whole: Survey) -> Survey:
    """The ranking of as many images of a set as take a few seconds, evenly spread."""
    images = image_set(whole.classifier, whole.dataset, whole.split)
    few, many = SURVEYED
    limit = max(few, min(many, SURVEYED_VALUES // math.prod(images.shape)))
    return whole if len(images) <= limit else replace(whole, limit=limit)


def fetch(dataset: str, split: str) -> None:
    """Download the set if it is not here yet, with a bar that shows how far it is."""
    place = st.empty()  # in every run, so that what follows keeps its place on the page
    if (dataset, split) not in _known():
        load_dataset(dataset, split, report=partial(_bar, place))
        place.empty()
        _known().add((dataset, split))


@st.cache_resource(show_spinner="Opening the image set …", max_entries=8, ttl="10m")
def image_set(classifier: str, dataset: str, split: str) -> ImageSet:
    """The set as the classifier takes it, opened once for all sessions."""
    seen = card(classifier)
    channels, height, width = seen.input_shape
    return load_dataset(dataset, split, (height, width), channels, resize=seen.resize)
