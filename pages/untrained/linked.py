"""What a link `?run=<key>` leads to on this page, and the result that each section shows."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from engine.errors import IsthmusError
from engine.experiments.base import Spec
from engine.jobs import Job
from engine.parameters import fields_of
from engine.records import Record
from pages.shared import service
from pages.shared.controls import checked, fields_named, parameter_form, shown
from pages.shared.job_panel import job_panel

RUN = "run"
"""The query parameter that names a result."""

KINDS = {"untrained": "ut", "evolution": "ev", "percolation": "pc", "conjecture": "cj"}
"""Kinds that the page shows -> the prefix of their widgets."""


@dataclass(frozen=True)
class Linked:
    """The result or the job that the page's link names; neither if there is no link, or a bad one."""

    record: Record | None = None
    job: Job | None = None


def linked() -> Linked:
    """Look up the link; says what is wrong with one that leads nowhere, and keeps the page usable."""
    key = st.query_params.get(RUN)
    if key is None:
        return Linked()
    try:
        record, job = service.find(key), service.jobs().job(key)
    except IsthmusError as error:
        return _nowhere(str(error))
    if record is None and (job is None or job.state == "done"):
        return _nowhere(
            f"There is no result {key} on this server: it was computed elsewhere, deleted, or made "
            "room for newer ones. Bring its ZIP file in on the Runs page, or run it again with the "
            "line of shell that came with it."
        )
    spec = record.spec if record else job.spec if job else None
    if spec is None or spec.kind not in KINDS:
        return _nowhere(f"The result {key} is of another kind. Open it from the Runs page.")
    _adopt(key, spec)
    return Linked(record=record) if record else Linked(job=job)


def result_of(
    cls: type[Spec], link: Linked, label: str, shown: Spec | None = None
) -> Record | None:
    """The result that a section shows: the one the link names, or the shipped one.

    The shipped one is that of `shown`, by default of the settings as they are declared.

    Above it stand the settings, folded away, with the button `label` that computes another one, and
    the job that is computing it.
    """
    record = link.record if link.record and link.record.kind == cls.kind else None
    record = record or service.found(shown or cls())
    spec = _settings(cls, label)
    job = link.job if link.job and link.job.spec.kind == cls.kind else None
    if job and job_panel(job, key=f"{KINDS[cls.kind]}_job"):
        _start(job.spec)
    if job:
        return None
    if record is None:
        st.info(
            "There is no result to show yet. Compute one with the settings above.",
            icon=":material/hourglass_empty:",
        )
    elif spec and spec != record.spec:
        st.caption(
            ":material/info: The settings differ from those of the result below. "
            f"Press {label} to apply them."
        )
    return record


def _settings(cls: type[Spec], label: str) -> Spec | None:
    prefix = KINDS[cls.kind]
    with st.expander("Settings", icon=":material/tune:"):
        values, row = parameter_form(fields_named(cls), prefix, columns=4)
        spec = checked(cls, values)
        pressed = row.button(
            label,
            type="primary",
            icon=":material/play_arrow:",
            key=f"{prefix}_compute",
            disabled=spec is None,
        )
    if spec and pressed:
        _start(spec)
    return spec


def _start(spec: Spec) -> None:
    """Submit a spec and make the page's link name its result."""
    service.submit(spec)
    st.query_params[RUN] = spec.key()
    st.session_state["un_adopted"] = spec.key()
    st.rerun()


def _adopt(key: str, spec: Spec) -> None:
    """Fill the widgets with what a result was made from, once for each link."""
    if st.session_state.get("un_adopted") == key:
        return
    st.session_state["un_adopted"] = key
    for field in fields_of(type(spec)):
        name = f"{KINDS[spec.kind]}_{field.name}"
        st.session_state[name] = shown(field, getattr(spec, field.name))


def _nowhere(words: str) -> Linked:
    with st.container(border=True):
        st.error(words, icon=":material/link_off:")
        with st.container(horizontal=True):
            st.button("Start afresh", type="primary", key="un_afresh", on_click=_leave)
            st.page_link("pages/runs/page.py", label="See all results", icon=":material/list_alt:")
    return Linked()


def _leave() -> None:
    st.query_params.pop(RUN, None)
    st.session_state.pop("un_adopted", None)
