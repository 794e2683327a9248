"""Every pair of a population: click its mark, or go by number; the page that looks at it in depth."""

from __future__ import annotations

from typing import Any

import streamlit as st

from engine.experiments.population.results import PopulationResult
from engine.plots.branches import MEASURES, NAMES
from pages.real_adversarial.population.depth import depth_link
from pages.real_adversarial.population.sentences import pair_words
from pages.shared.chart_block import chart_block
from pages.shared.figures import pair_curve, pair_scatter
from pages.shared.figures.populations import ACROSS, PERTURBATION
from pages.shared.fragments import fragment
from pages.shared.image_sets import pictures
from pages.shared.pair.drawing import picture
from pages.shared.words import nats, plain

PAIR = "pop_pair"


@fragment
def inspect(found: PopulationResult) -> None:
    """The scatter of all pairs beside the one that is chosen; a fragment, for clicks change nothing else."""
    st.header("Every pair", anchor=False)
    last = len(found.pairs) - 1
    if not 0 <= int(st.session_state.get(PAIR) or 0) <= last:
        st.session_state[PAIR] = 0
    left, right = st.columns([10, 11], gap="large")
    with left:
        across, measure = _axes()
        place = st.container()
        number = _stepper(last)
        with place:
            _scatter(found, across, measure, number)
    with right:
        _pair(found, number)


def _axes() -> tuple[str, str]:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        measure = st.selectbox(
            "Up",
            list(MEASURES),
            format_func=lambda name: MEASURES[name],
            key="pop_up",
            width=120,
        )
        across = st.selectbox(
            "Across",
            [name for name in ACROSS if name != measure],
            format_func=lambda name: ACROSS[name],
            key="pop_across",
        )
    return across, measure


def _stepper(last: int) -> int:
    """The number of the chosen pair, by hand."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        number = st.number_input(
            f"Pair (0 to {last:,})",
            0,
            last,
            key=PAIR,
            bind="query-params",
            width=170,
            help="Real–real pairs come first. Plus and minus, or the arrow keys, go to the next.",
        )
        st.button("Previous", key="pop_previous", on_click=_step, args=(-1, last))
        st.button("Next", key="pop_next", on_click=_step, args=(1, last))
    return int(number)


def _step(by: int, last: int) -> None:
    st.session_state[PAIR] = min(max(int(st.session_state[PAIR]) + by, 0), last)


def _pick() -> None:
    """A mark was clicked: its pair is the chosen one."""
    for rows in st.session_state["pop_scatter_chart"]["selection"].values():
        if rows:
            st.session_state[PAIR] = int(rows[0]["pair"])


def _scatter(found: PopulationResult, across: str, measure: str, number: int) -> None:
    note = "Click a mark to look at its pair."
    if across in PERTURBATION:
        note += " Real–real pairs have no place here: nothing was changed in them."
    chart_block(
        pair_scatter(found.pairs, across, measure, number),
        note,
        key="pop_scatter",
        of=found.key[:8],
        on_select=_pick,
    )


def _pair(found: PopulationResult, number: int) -> None:
    row = {str(name): value for name, value in found.pairs.iloc[number].items()}
    name = NAMES[row["branch"]]
    st.markdown(f"**Pair {number:,}**, {name.lower()}, class **{plain(row['class'])}**")
    _images(found, row)
    chart_block(
        pair_curve(found.t, found.arrays["curves"][number], name, found.curves(row["branch"])),
        f"{pair_words(row)} Grey: the middle half of all {name.lower()} curves.",
        key="pop_curve",
        of=found.key[:8],
    )
    depth_link(found.spec, row)


def _images(found: PopulationResult, row: dict[str, Any]) -> None:
    attacked = row["branch"] == "adversarial"
    spec = found.spec
    images, why = pictures(spec.classifier, spec.dataset, spec.split, [row["first"], row["second"]])
    if images is None:
        st.caption(
            f":material/hide_image: {plain(why)} The curve and the numbers are all there is to see."
        )
        return
    captions = (
        f"**Image {row['first']}**, {plain(row['class'])}, loss {nats(row['loss_first'])}",
        f"**Image {row['second']}**, {plain(row['source_class'])}, before the attack; loss after it "
        f"{nats(row['loss_second'])}"
        if attacked
        else f"**Image {row['second']}**, {plain(row['source_class'])}, loss {nats(row['loss_second'])}",
    )
    with st.grid(2, min_column_width=110):
        for image, caption in zip(images, captions, strict=True):
            picture(image, caption, caption.replace("*", ""))
