"""The detector: its two views share one address and one switch at the top."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages.detector.benchmark.view import render_benchmark
from pages.detector.linked import kind_of
from pages.detector.verdict.view import render_verdict

VERDICT, BENCHMARK = "Is it an attack?", "Benchmark"
VIEWS: dict[str, Callable[[], None]] = {VERDICT: render_verdict, BENCHMARK: render_benchmark}
HOMES = {"verdict": VERDICT, "detection": BENCHMARK}  # kind of result -> the view that shows it

VIEW = "dt_view"


def render() -> None:
    """The title, the switch, and the view."""
    st.title("Detector", anchor=False)
    _follow(st.query_params.get("run"))
    chosen = st.segmented_control(
        "View",
        list(VIEWS),
        default=VERDICT,
        key=VIEW,
        bind="query-params",
        required=True,
        on_change=_other_view,
        label_visibility="collapsed",
    )
    VIEWS[chosen]()


def _follow(key: str | None) -> None:
    """A link to a result opens the view that shows it, once, whatever else the address says."""
    if key and key != st.session_state.get("dt_followed"):
        st.session_state["dt_followed"] = key
        kind = kind_of(key)
        if kind in HOMES:
            st.session_state[VIEW] = HOMES[kind]


def _other_view() -> None:
    """The result that the link names belongs to the view that is left."""
    st.query_params.pop("run", None)


render()
