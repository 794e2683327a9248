"""Grow pictures: make modes of a class from noise, connect them, see what they span."""

from __future__ import annotations

import streamlit as st

from engine.experiments.base import Spec
from pages.manifold.controls import chosen_view, folded_controls
from pages.manifold.exploring import many_modes
from pages.manifold.figure7 import two_modes
from pages.manifold.state import FORMS, LINK, MANY
from pages.shared import service
from pages.shared.form import Form
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
    form = chosen_view()
    lead, box, rest = st.container(), st.container(), st.container()
    with box:
        spec = form.spec()
    record = link.record or (service.found(spec) if spec and not link.job else None)
    pressed = None
    with box, told():
        pressed = folded_controls(form, spec, record, busy=bool(link.job and link.job.active))
        if pressed and spec:
            LINK.start(spec, service.INTERACTIVE)
    with lead:
        if link.job:
            LINK.running(link.job, trace=True)
        elif record:
            with told():
                below = (many_modes if record.kind == "modes" else two_modes)(record)
                share_button(record, "mf")
                with rest, told():
                    below()
        elif spec and pressed is not None:
            _invitation(form)


def _invitation(form: Form[Spec]) -> None:
    words = (
        "Press Explore: the modes grow before your eyes, then every pair is connected."
        if form is FORMS[MANY]
        else "Press Make and connect: both modes grow before your eyes, then a path is searched."
    )
    st.info(
        f"Nothing made for {plain(form['label'].held)} with these settings yet. {words}",
        icon=":material/auto_awesome:",
    )


render()
