"""What each section of the page has: an experiment with its settings, and the result that it shows."""

from __future__ import annotations

import streamlit as st

from engine.experiments import kinds
from engine.experiments.base import Spec
from engine.experiments.theory.conjecture import Conjecture
from engine.experiments.theory.percolation import Percolation
from engine.experiments.untrained.evolution import Evolution
from engine.experiments.untrained.untrained import Untrained
from engine.records import Record
from pages.shared import service
from pages.shared.form import Form
from pages.shared.job_panel import job_panel
from pages.shared.link import Link
from pages.shared.linked import Linked

PAGE = "untrained"
SHORT: dict[type[Spec], str] = {
    Untrained: "ut",
    Evolution: "ev",
    Percolation: "pc",
    Conjecture: "cj",
}
"""What the names of a section's parameters begin with in an address, where it is not the kind."""


def sections() -> dict[type[Spec], Form[Spec]]:
    """Every kind that belongs on this page, whoever declared it, and its form."""
    here = [cls for cls in kinds().values() if cls.page == PAGE and not cls.part_of]
    return {cls: Form(cls, SHORT.get(cls, cls.kind.replace("-", "_"))) for cls in here}


def page_link() -> Link:
    """The links of the page."""
    return Link("un", tuple(sections().values()))


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
    form = sections()[cls]
    spec = _settings(form, label)
    job = link.job if link.job and link.job.spec.kind == cls.kind else None
    if job and job_panel(job, key=f"{form.prefix}_job"):
        page_link().start(job.spec)
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


def _settings(form: Form[Spec], label: str) -> Spec | None:
    with st.expander("Settings", icon=":material/tune:"):
        place = form.block(*form.settings, columns=4)
        spec = form.spec()
        pressed = place.button(
            label,
            type="primary",
            icon=":material/play_arrow:",
            key=f"{form.prefix}_compute",
            disabled=spec is None,
        )
    if spec and pressed:
        page_link().start(spec)
    return spec
