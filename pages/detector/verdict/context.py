"""What stands beside an image: its logits and its nearest pictures."""

from __future__ import annotations

import streamlit as st

from pages.detector.verdict.judged import Judged
from pages.detector.verdict.sentences import logits_words, nearest_words
from pages.shared.chart_block import chart_block
from pages.shared.figures import logits_over_bands
from pages.shared.image_sets import pictures
from pages.shared.strip import data_uri
from pages.shared.words import plain

SIDE = 224

NOTE = (
    "Context only: this does not decide. No detector goes by these neighbours, and none by the "
    "logits alone, which some take in among other numbers."
)


def context(found: Judged, image: int) -> None:
    """The logits over the usual, where the record has that, and the image's neighbours."""
    st.caption(NOTE)
    if "logit_bands" not in found.arrays:
        _nearest(found, image)
        return
    left, right = st.columns(2, gap="large")
    with left:
        _logits(found, image)
    with right:
        _nearest(found, image)


def _logits(found: Judged, image: int) -> None:
    st.markdown("**Its logits, from the largest down**")
    logits, bands = found.arrays["logits"][image], found.arrays["logit_bands"]
    chart_block(
        logits_over_bands(logits, bands),
        logits_words(logits, bands),
        key="dt_logits",
        of=f"{found.key[:8]}-{image}",
        alt_text="Logits of this image from the largest to the smallest, over the bands of clean and of "
        "attacked images",
    )


def _nearest(found: Judged, image: int) -> None:
    st.markdown("**The nearest known images**")
    nearest, of = found.nearest(image), found.spec.benchmark
    images, missing = pictures(of.classifier, of.dataset, "train", nearest["index"].tolist())
    if images is not None:
        named = nearest.rename(columns={"class": "shows", "index": "number"})
        with st.grid(len(nearest), min_column_width=64):
            for picture, row in zip(images, named.itertuples(index=False), strict=True):
                st.image(
                    data_uri(picture, SIDE),
                    caption=f"{plain(row.shows)}, {row.distance:.1f}",
                    width="stretch",
                    alt=f"Training image {row.number}",
                )
    else:
        st.caption(f":material/hide_image: {plain(missing)}")
    st.caption(
        f"{nearest_words(found.row(image), nearest)} Below each: its class, and the distance between "
        "the logits."
    )
