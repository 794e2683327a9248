"""Grow pictures: make modes of a class from noise, connect them, see what they span."""

from __future__ import annotations

import streamlit as st

from engine.experiments.base import Spec
from engine.records import Record
from pages.manifold.controls import LINK, MANY, choice, controls
from pages.manifold.exploring import many_modes
from pages.manifold.figure7 import two_modes
from pages.shared import service
from pages.shared.link import Linked
from pages.shared.paper import paper_line
from pages.shared.share import share_button
from pages.shared.shell import told
from pages.shared.words import meaning, plain


def render() -> None:
    """The page, from the link at its top to the figures at its bottom."""
    st.title("Grow pictures", anchor=False)
    paper_line("manifold")
    st.markdown(
        "Pictures grown from noise until the classifier is as sure as it can be: *modes* of a class. Paths "
        "on which it stays sure join even very different ones.",
        help=meaning("mode", "barrier", "loss", "nats"),
    )
    with LINK.opened() as link, told():
        _view(link)


def _view(link: Linked) -> None:
    view, label = choice()
    spec, pressed = controls(view, busy=link.job is not None and link.job.active)
    if spec and pressed:
        LINK.start(spec, service.INTERACTIVE)
    if link.job:
        LINK.running(link.job, trace=True)
        return
    record = link.record or (service.found(spec) if spec else None)
    if record is None:
        if spec:
            _invitation(view, label)
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


def _invitation(view: str, label: str) -> None:
    st.info(
        f"Nothing made for {plain(label)} with these settings yet. "
        + (
            "Press Explore: the modes grow before your eyes, then every pair is connected."
            if view == MANY
            else "Press Make and connect: both modes grow before your eyes, then a path is searched."
        ),
        icon=":material/auto_awesome:",
    )


def _result(record: Record) -> None:
    share_button(record, "mf")
    if record.kind == "modes":
        many_modes(record)
    else:
        two_modes(record)


render()
