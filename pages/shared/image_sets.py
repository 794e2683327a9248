"""The image set behind a sweep: whether it is on this machine, fetching it, its pictures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from engine.datasets import load_dataset
from engine.errors import IsthmusError
from engine.experiments.base import Spec
from engine.progress import Cancelled
from pages.shared.ranking import image_set
from pages.shared.words import plain


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
        with st.empty():
            spec.fetch(_bar)
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


def _bar(step: float, total: float, **metrics: float | str) -> None:
    done = min(step / total, 1.0) if total else 0.0
    st.progress(done, text=str(metrics.get("stage", "Downloading")))


@st.cache_resource(show_spinner=False)
def _known() -> set[tuple[str, str]]:
    """The sets that are known to be here, for all sessions."""
    return set()
