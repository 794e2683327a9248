"""What each section of the page has: an experiment with its settings, and the result that it shows."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from engine.experiments import kinds
from engine.experiments.base import Spec
from engine.experiments.theory.conjecture import Conjecture
from engine.experiments.theory.percolation import Percolation
from engine.experiments.untrained.evolution import Evolution
from engine.experiments.untrained.untrained import Untrained
from engine.parameters import default_of
from engine.records import Record
from pages.shared import service
from pages.shared.downloads import take
from pages.shared.figures.remembered import specified
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

Draw = Callable[[Record], None]


def sections() -> dict[type[Spec], Form[Spec]]:
    """Every kind that belongs on this page, whoever declared it, and its form."""
    here = [cls for cls in kinds().values() if cls.page == PAGE and not cls.part_of]
    return {cls: Form(cls, SHORT.get(cls, cls.kind.replace("-", "_"))) for cls in here}


def page_link() -> Link:
    """The links of the page."""
    return Link("un", tuple(sections().values()))


def section(
    usual: Spec,
    link: Linked,
    draw: Draw,
    *,
    title: str = "",
    words: str = "",
    label: str = "Compute",
) -> None:
    """Title and words; the settings, folded, with a button `label`; the result, and ways to take it.

    The result is the one that the link names, or else the shipped one of `usual`.
    """
    cls = type(usual)
    st.subheader(title or cls.title, anchor=False)
    st.markdown(words or cls.__doc__ or "")
    record = _result_of(usual, link, label)
    if record:
        draw(record)
        take(record, key=f"{SHORT.get(cls, cls.kind)}_take")


def plain_sections(link: Linked) -> None:
    """A section for each kind on this page that has none of its own."""
    for cls in sections():
        if cls not in SHORT:
            section(cls(), link, _plain)


def _plain(record: Record) -> None:
    """How it ended, its figure, its tables."""
    st.markdown(f"**{record.outcome}**")
    if figure := getattr(record.result, "plot", None):
        st.vega_lite_chart(specified(figure()), alt=record.outcome, key=f"{record.kind}_figure")
    for name, table in record.tables.items():
        st.caption(name.replace("_", " ").capitalize())
        st.dataframe(table, hide_index=True, alt=f"The table {name} of the result")


def _result_of(usual: Spec, link: Linked, label: str) -> Record | None:
    """The result to show, below its settings; None where there is none yet, or a job is computing it."""
    kind = usual.kind
    record = link.record if link.record and link.record.kind == kind else service.found(usual)
    form = sections()[type(usual)]
    spec = _settings(form, label)
    if link.job and link.job.spec.kind == kind:
        if job_panel(link.job, key=f"{form.prefix}_job"):
            page_link().start(link.job.spec)
        return None
    if record is None:
        st.info(
            "There is no result to show yet. Compute one with the settings above.",
            icon=":material/hourglass_empty:",
        )
    elif spec and spec not in (record.spec, default_of(type(spec))):
        st.caption(f":material/info: Other settings than those of the result below: press {label}.")
    return record


def _settings(form: Form[Spec], label: str) -> Spec | None:
    drawer = st.expander(
        "Settings", icon=":material/tune:", key=f"{form.prefix}_settings", on_change="rerun"
    )
    if not drawer.open:
        return form.spec()
    with drawer:
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
