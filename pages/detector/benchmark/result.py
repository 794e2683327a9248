"""A finished benchmark: the finding, the table, the figures behind it, what they are made of."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import pandas as pd
import streamlit as st

from engine.experiments.detection.results import FLOAT, ROUNDED, BenchmarkResult
from engine.records import Record
from pages.detector.benchmark.against import adaptive, against, negatives
from pages.detector.benchmark.effort import cost_table, costs
from pages.detector.benchmark.notes import known_words
from pages.detector.benchmark.sentences import beware, finding, more_words, rounding_words
from pages.detector.benchmark.single import single
from pages.detector.benchmark.table import rates_table
from pages.shared.downloads import take
from pages.shared.figures import accuracy_against_cost
from pages.shared.fold import fold
from pages.shared.share import share_button
from pages.shared.views import one_of
from pages.shared.words import figure, share

PIXELS = {"Floats": FLOAT, "8-bit": ROUNDED}


def result_view(record: Record) -> Callable[[], None]:
    """What one sees first of a benchmark; draws the rest when it is called."""
    found = record.found(BenchmarkResult)
    first = st.container()
    pixels = _pixels()
    with first:
        st.markdown(finding(found, pixels))
        if "adaptive" in found.tables:
            st.markdown(known_words(found.with_titles(found.tables["adaptive"])))
        rates_table(found, pixels)
        st.markdown(more_words(found, pixels))
    share_button(
        record, "bm", lambda: accuracy_against_cost(cost_table(found, pixels), "passes")[0]
    )
    return lambda: _rest(record, found, pixels)


def _rest(record: Record, found: BenchmarkResult, pixels: str) -> None:
    against(found, pixels)
    st.header("More", anchor=False)
    device = str(record.environment.get("device") or "cpu")
    fold("One detector in depth", "search", "bm_single", partial(single, found, pixels))
    fold("Where they fail", "report", "bm_fail", partial(_failures, found))
    fold("What they cost", "timer", "bm_effort", partial(costs, found, pixels, device))
    fold("The attacks, and what rounding does", "masks", "bm_made", partial(_attacks, found))
    take(record, "bm_take")


def _pixels() -> str:
    words = (
        "An attack makes floats; a picture file rounds them to 256 levels. The published benchmark keeps the "
        "floats."
    )
    more = {"label_visibility": "visible", "bind": "query-params", "help": words}
    return PIXELS[one_of("Pixels of attacked images", list(PIXELS), "bm_pixels", **more)]


def _failures(found: BenchmarkResult) -> None:
    negatives(found)
    adaptive(found)


def _attacks(found: BenchmarkResult) -> None:
    """What the attacks did, and which were left out."""
    table = found.tables["attacks"]
    st.table(
        {
            "Attack": _named(table.assign(title=table["attack"].map(found.tried))),
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
    st.caption(f"{rounding_words(found)} {beware(found)}")


def _named(table: pd.DataFrame) -> list[str]:
    """The attacks' titles, where a record tells it with the pixels that they leave."""
    if "pixels" not in table:
        return table["title"].tolist()
    pairs = zip(table["title"], table["pixels"], strict=True)
    return [f"{title}, {pixels}" for title, pixels in pairs]


def _number(value: float) -> str:
    return "–" if math.isnan(value) else figure(float(value))
