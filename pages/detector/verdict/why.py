"""Why a verdict is what it is: the image's curve and logits over the usual, its neighbours, all opinions."""

from __future__ import annotations

import streamlit as st

from pages.detector.verdict.judged import Judged
from pages.detector.verdict.sentences import (
    curve_words,
    logits_words,
    nearest_words,
    opinion_words,
    seen_words,
    verdict_words,
)
from pages.shared.chart_block import chart_block
from pages.shared.figures import curve_over_bands, logits_over_bands, opinion_dots
from pages.shared.image_sets import pictures
from pages.shared.strip import data_uri

SIDE = 224


def why(found: Judged, image: int) -> None:
    """One image, its verdict and what speaks for it."""
    row = found.row(image)
    shown, said = st.columns([1, 3], gap="large")
    with shown:
        st.image(
            data_uri(found.picture(image), SIDE),
            caption=f"{row['name']}, as the classifier sees it",
            width=SIDE,
            alt=f"{row['name']}, seen as {row['class']}",
        )
    with said:
        words = verdict_words(row, found.spec.false_alarms)
        if row["attack"]:
            st.error(words, icon=":material/gpp_bad:")
        else:
            st.success(words, icon=":material/verified_user:")
        st.markdown(f"{seen_words(row)}.")
        if row["doubts"]:
            st.warning(f"**Take this with care.** {row['doubts']}", icon=":material/help:")
    st.subheader("Why", anchor=False)
    left, right = st.columns(2, gap="large")
    with left:
        _curve(found, image)
    with right:
        _opinions(found, image)
    left, right = st.columns(2, gap="large")
    with left:
        _logits(found, image)
    with right:
        _nearest(found, image)


def _stem(found: Judged, image: int, what: str) -> str:
    return f"isthmus-{what}-{found.record.key[:8]}-{image}"


def _curve(found: Judged, image: int) -> None:
    st.markdown("**Its loss curve**")
    arrays = found.record.arrays
    if "curves" not in arrays:
        st.caption(
            "No curve: the benchmark behind this verdict left out the detector Mode connectivity."
        )
        return
    curve, bands = arrays["curves"][image], arrays["curve_bands"]
    chart, data = curve_over_bands(curve, bands)
    words = curve_words(curve, bands)
    chart_block(
        chart,
        data,
        name=_stem(found, image, "verdict-curve"),
        alt_text="Loss along the straight path from this image to a reference of its predicted class, "
        "over the bands of clean and of attacked images",
        key="dt_curve",
        note=words,
    )


def _logits(found: Judged, image: int) -> None:
    arrays = found.record.arrays
    if "logit_bands" not in arrays:
        return
    st.markdown("**Its logits, from the largest down**")
    logits, bands = arrays["logits"][image], arrays["logit_bands"]
    chart, data = logits_over_bands(logits, bands)
    chart_block(
        chart,
        data,
        name=_stem(found, image, "verdict-logits"),
        alt_text="Logits of this image from the largest to the smallest, over the bands of clean and of "
        "attacked images",
        key="dt_logits",
        note=logits_words(logits, bands),
    )


def _opinions(found: Judged, image: int) -> None:
    st.markdown("**What each detector says**")
    opinions = found.opinions(image)
    chart, data = opinion_dots(opinions, found.spec.false_alarms)
    words = opinion_words(opinions, found.decider)
    chart_block(
        chart,
        data,
        name=_stem(found, image, "verdict-opinions"),
        alt_text="False-alarm rate of every detector for this image, on a logarithmic scale",
        key="dt_opinions",
        note=words,
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
                    caption=f"{row.shows}, {row.distance:.1f}",
                    width="stretch",
                    alt=f"Training image {row.number}",
                )
    else:
        st.caption(f":material/hide_image: {missing}")
    st.caption(
        f"{nearest_words(found.row(image), nearest)} Below each: its class, and the distance between "
        "the logits."
    )
