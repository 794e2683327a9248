"""A claim on the page: its verdict beside its quantity on every network, the rest folded."""

from __future__ import annotations

from functools import partial

import streamlit as st

from engine.claims import Judged, Standing
from engine.claims.page import standing_rows
from engine.plots.grammar import axes_of
from engine.words import capitalised, duration
from pages.shared.chart_block import chart, tools
from pages.shared.figures import intervals
from pages.shared.fold import fold
from pages.shared.paper import COLORS
from pages.shared.shell import page_of
from pages.shared.words import plain

NUMBERS = {"what": "What", "paper": "Paper", "here": "Here (95 % interval)"}


def row(standing: Standing) -> None:
    """A claim: in words on the left, its quantity on every network on the right, the rest folded."""
    claim, rows = standing.claim, standing_rows(standing)
    left, right = st.columns(2, gap="medium")
    with left:
        verdict = f":{COLORS[standing.verdict]}-badge[{capitalised(standing.verdict)}]"
        st.markdown(f"**{claim.title}** {verdict}")
        st.markdown(f"{claim.sentence} :small[{claim.where}]")
        st.markdown(f"Paper: {claim.paper}  \nHere: **{plain(standing.words)}**")
    with right:
        if rows:
            st.caption(claim.quantity)
            chart(intervals(*rows, named=False), key=f"cl_{claim.name}")
        else:
            st.caption("No record here measures it.")
    fold(
        "What decides, and the records",
        "rule",
        f"cl_{claim.name}_more",
        partial(_decided, standing),
    )


def _decided(standing: Standing) -> None:
    """The rule, the chart as a table and files, our numbers beside the paper's, and every network."""
    st.caption(standing.claim.rule_words)
    if rows := standing_rows(standing):
        drawn, data = intervals(*rows)
        key = f"cl_{standing.claim.name}"
        tools(lambda: data, drawn, key=key, of="", alt_text=axes_of(drawn))
    _numbers(standing)
    with st.container(horizontal=True, gap="small"):
        for one in standing.trials:
            _trial(one, standing.claim.name)


def _numbers(standing: Standing) -> None:
    """Our numbers beside the paper's, where there are several."""
    numbers, told = standing.claim.numbers, standing.told
    if numbers is None or told is None:
        return
    rows = [{NUMBERS[name]: row[name] for name in NUMBERS} for row in numbers(told.results)]
    st.caption(plain(told.trial.title))
    st.table(rows, hide_index=True, alt=f"{standing.claim.title}, in numbers")


def _trial(one: Judged, name: str) -> None:
    """One network: what was found, what it cost, its commands, and its records on their pages."""
    title = plain(one.trial.title)
    with st.popover(title, type="tertiary", key=f"cl_{name}_{one.trial.title}"):
        st.markdown(f"**{capitalised(one.verdict)}**: {plain(one.words)}")
        st.caption(plain(" ".join(filter(None, (one.trial.note, one.dated)))))
        for record in one.records:
            st.page_link(
                page_of(record.spec),
                label=f"Open {plain(record.spec.subject())}",
                icon=":material/open_in_new:",
                query_params={"run": record.key},
            )
        if one.records:
            seconds, device = one.cost
            st.caption(f"Took {duration(seconds)} on {device}. To compute it again:")
        else:
            st.caption("To measure it:")
        st.code("\n".join(one.trial.commands), language="sh", wrap_lines=True)
