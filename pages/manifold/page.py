"""Optimal manifold: make modes of a class from noise, connect them, see what they span."""

from __future__ import annotations

import streamlit as st

from engine.experiments.base import Spec
from engine.jobs import Job
from engine.records import Record
from pages.manifold import state
from pages.manifold.choice import Choice, choice
from pages.manifold.controls import controls
from pages.manifold.exploring import many_modes
from pages.manifold.figure7 import two_modes
from pages.manifold.linked import linked
from pages.shared import service
from pages.shared.job_panel import job_panel
from pages.shared.shell import told


def render() -> None:
    """The page, from the link at its top to the figures at its bottom."""
    st.title("Optimal manifold", anchor=False)
    st.markdown(
        "Pictures grown from noise until the classifier is as sure of them as it can be: *modes* of a "
        "class. Very different ones, natural-looking or mere patterns, turn out to be joined by "
        "paths on which it stays sure."
    )
    link = linked()
    with told():
        chosen = choice()
        spec, pressed = controls(chosen, busy=link.job is not None and link.job.active)
        if spec and pressed:
            _start(spec)
        if link.job:
            _running(link.job)
            return
        record = link.record or (service.found(spec) if spec else None)
        if record is None:
            if spec:
                _invitation(chosen)
            return
        if spec and _without_class(record.spec) != _without_class(spec):
            st.caption(
                ":material/info: The settings differ from those of the result below. Press the "
                "button again to apply them."
            )
        _result(record)


def _without_class(spec: Spec) -> Spec:
    """A spec apart from its class, which may be named in several ways."""
    return type(spec).from_dict({**spec.to_dict(), "label": ""})


def _start(spec: Spec) -> None:
    """Submit the experiment and make the page's link name its result."""
    service.submit(spec, service.INTERACTIVE)
    state.show(spec.key())
    st.rerun()


def _running(job: Job) -> None:
    """The experiment under way, with its pictures as they grow, or how it ended if not well."""
    if job_panel(job, key="mf_job", trace=True):
        _start(job.spec)


def _invitation(chosen: Choice) -> None:
    many = chosen.view == state.MANY
    st.info(
        f"Nothing made for {chosen.label} with these settings yet. "
        + (
            "Press Explore: the modes grow before your eyes, then every pair is connected."
            if many
            else "Press Make and connect: both modes grow before your eyes, then a path is searched."
        ),
        icon=":material/auto_awesome:",
    )


def _result(record: Record) -> None:
    if record.kind == "modes":
        many_modes(record)
    else:
        two_modes(record)
    base = (st.context.url or "").split("?")[0].rstrip("/")
    st.caption("Link to this result")
    st.code(f"{base}?run={record.key}", language=None, wrap_lines=True)


render()
