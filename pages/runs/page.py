"""Results: every stored result and every job, and what can be done with them."""

from __future__ import annotations

import streamlit as st

from pages.runs.actions import act_on, bring_in
from pages.runs.listing import group_of, offered, table
from pages.shared import service
from pages.shared.job_panel import job_panel


def render() -> None:
    """Jobs under way, the table of results, and actions on those that are chosen."""
    st.title("Results", anchor=False)
    _under_way()
    records = service.my_records()
    groups = offered(records)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        wanted = st.pills(
            "Show",
            list(groups),
            selection_mode="multi",
            default=[title for title, group in groups.items() if group.news],
            key="runs_kinds",
            bind="query-params",
            wrap=True,
        )
        bring_in()
    listed = [record for record in records if group_of(record).title in wanted]
    if not listed:
        _nothing(bool(records))
        return
    keys = st.session_state.get("runs_chosen", [])
    chosen = [record for record in listed if record.key in keys]
    table(listed, [record.key for record in chosen], _choose)
    act_on(chosen)


def _under_way() -> None:
    active = [job for job in service.my_jobs() if job.active]
    if active:
        st.header("Under way", anchor=False)
    for job in active:
        job_panel(job, key=f"runs_{job.key}")


def _nothing(others: bool) -> None:
    if others:
        st.info("No result of the kinds that are shown. Choose more kinds above.")
        return
    st.info("Nothing here yet: results appear as soon as something has been computed.")
    st.page_link(
        "pages/real_real/page.py", label="Connect two pictures", icon=":material/conversion_path:"
    )


def _choose(keys: list[str]) -> None:
    """Rows were chosen in the table."""
    st.session_state["runs_chosen"] = keys


render()
