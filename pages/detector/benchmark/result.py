"""A finished benchmark: the finding, the table, the figures behind it, what they are made of."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st

from engine.experiments.detection.results import FLOAT, ROUNDED, BenchmarkResult
from engine.records import Record
from pages.detector.benchmark.sentences import (
    adaptive_words,
    beware,
    cost_words,
    finding,
    negatives_words,
    percent,
    rounding_words,
)
from pages.detector.benchmark.single import single
from pages.detector.benchmark.table import rates_table
from pages.shared.chart_block import chart_block
from pages.shared.downloads import take
from pages.shared.figures import (
    accuracy_against_cost,
    alarm_bars,
    detection_rates,
    falls,
    roc_curves,
)
from pages.shared.figures.benchmarks import SIDE
from pages.shared.share import share_button
from pages.shared.views import one_of
from pages.shared.words import figure, share

PIXELS = {"Floats": FLOAT, "8-bit": ROUNDED}


def result_view(record: Record) -> None:
    """A finished benchmark, whole."""
    found = record.found(BenchmarkResult)
    pixels = _pixels()
    st.markdown(finding(found, pixels))
    share_button(
        record, "bm", lambda: accuracy_against_cost(cost_table(found, pixels), "passes")[0]
    )
    rates_table(found, pixels)
    against(found, pixels)
    st.subheader("More", anchor=False)
    with st.expander("One detector in depth", icon=":material/search:"):
        single(found, pixels)
    with st.expander("Where they fail", icon=":material/report:"):
        negatives(found)
        adaptive(found)
    with st.expander("What they cost", icon=":material/timer:"):
        costs(found, pixels, str(record.environment.get("device") or "cpu"))
    with st.expander("The attacks, and what rounding does", icon=":material/masks:"):
        _attacks(found)
        st.caption(f"{rounding_words(found)} {beware(found)}")
    take(record, key="bm_take")


def _pixels() -> str:
    words = (
        "An attack makes floats; a picture file rounds them to 256 levels. The published benchmark keeps the "
        "floats."
    )
    more = {"label_visibility": "visible", "bind": "query-params", "help": words}
    return PIXELS[one_of("Pixels of attacked images", list(PIXELS), "bm_pixels", **more)]


def _attacks(found: BenchmarkResult) -> None:
    """What the attacks did, and which were left out."""
    table = found.tables["attacks"]
    st.table(
        {
            "Attack": _named(table),
            "Succeeded": [
                f"{share(hit / count)} ({hit:,} of {count:,})"
                for hit, count in zip(table["successful"], table["images"], strict=True)
            ],
            "Change, L2 (median)": [_number(value) for value in table["l2"]],
            "Change, L∞ (median, of 255 levels)": [_number(255 * value) for value in table["linf"]],
        },
        alt="Images attacked, share of success and median size of the change, for each attack",
    )
    words = (
        "Attacks that succeed count, each beside its clean twin, both on one side of every split."
    )
    for reason in found.left_out.values():
        words += f" Left out: {reason}."
    st.caption(words)


def _named(table: pd.DataFrame) -> list[str]:
    """The attacks' titles, where a record tells it with the pixels that they leave."""
    if "pixels" not in table:
        return table["title"].tolist()
    pairs = zip(table["title"], table["pixels"], strict=True)
    return [f"{title}, {pixels}" for title, pixels in pairs]


def _number(value: float) -> str:
    return "–" if math.isnan(value) else figure(float(value))


def against(found: BenchmarkResult, pixels: str) -> None:
    """The figures of the chosen attack."""
    st.subheader("Detected against false positives", anchor=False)
    attack = one_of("Attack", found.attacks, "bm_roc_attack", label_visibility="visible")
    of = f"{attack}-{found.key[:8]}"
    headline = found.headline(pixels)
    rows = headline[headline["attack"] == attack]
    table = found.tables["curves"]
    curves = table[(table["pixels"] == pixels) & (table["attack"] == attack)]
    areas = dict(zip(rows["title"], rows["auc"], strict=True))
    with st.container(horizontal=True, gap="large"):
        with st.container(width=SIDE):
            chart_block(
                roc_curves(found.with_titles(curves), areas),
                f"By each name its AUC in %{_pairs(rows)}. On the dashed line one guesses.",
                key="bm_roc",
                of=of,
                width="content",
            )
        with st.container(width="stretch"):
            best = rows.loc[rows["detected_1"].idxmax()]
            chart_block(
                detection_rates(rows[["title", "detected_1", "detected_5"]]),
                f"At 1 % false positives, {best['title']} detects most: "
                f"{percent(best['detected_1'])} %{_pairs(rows)}.",
                key="bm_detected",
                of=of,
            )


def _pairs(rows: pd.DataFrame) -> str:
    """How many pictures these shares are of, which earlier records do not say."""
    if "pairs" not in rows:
        return ""
    few, many = int(rows["pairs"].min()), int(rows["pairs"].max())
    return f" (n = {many:,})" if few == many else f" (n = {few:,} to {many:,})"


SHORT = {"milliseconds": "Time", "passes": "Passes"}


def negatives(found: BenchmarkResult) -> None:
    """Clean images that no detector learnt from and that it might take for attacked."""
    table = found.with_titles(found.harder())
    if table.empty:
        return
    st.markdown("**Harder clean images**")
    chart_block(alarm_bars(table), negatives_words(table), key="bm_negatives", of=found.key[:8])


def adaptive(found: BenchmarkResult) -> None:
    """An attack that knows the detector, where the benchmark has one."""
    if "adaptive" not in found.tables:
        return
    table = found.with_titles(found.tables["adaptive"])
    if table.empty:
        return
    st.markdown("**An attack that knows the detector**")
    chart_block(falls(table), adaptive_words(table), key="bm_adaptive", of=found.key[:8])


def costs(found: BenchmarkResult, pixels: str, device: str) -> None:
    """Passes and milliseconds of an image on a device, and what they buy."""
    table = cost_table(found, pixels)
    left, right = st.columns(2, gap="large")
    with left:
        across = one_of("Cost", SHORT, "bm_cost")
        chart_block(
            accuracy_against_cost(table, across),
            cost_words(table),
            key="bm_costs",
            of=found.key[:8],
        )
    with right:
        _passes(table, device)


def cost_table(found: BenchmarkResult, pixels: str) -> pd.DataFrame:
    """What an image costs each detector beside its mean AUC."""
    table = found.with_titles(found.tables["cost"])
    return table.assign(
        passes=table["forward_passes"] + table["backward_passes"],
        auc=table["detector"].map(found.means(pixels)),
    )


def _passes(table: pd.DataFrame, device: str) -> None:
    st.table(
        {
            "Detector": table["title"].tolist(),
            "Forward passes": [f"{value:,}" for value in table["forward_passes"]],
            "Backward passes": [f"{value:,}" for value in table["backward_passes"]],
            "Features": [f"{value:,}" for value in table["features"]],
            "Time (ms)": [figure(float(value)) for value in table["milliseconds"]],
        },
        alt="Forward and backward passes, numbers kept and milliseconds of one image, for each detector",
    )
    st.caption(
        f"For one image, in batches, on {device.upper()}. Features: the numbers that a detector learns from."
    )
