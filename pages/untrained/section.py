"""The chapters of the page, the result that each shows, and the drawer that computes others."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from engine.experiments import kinds
from engine.experiments.base import Spec
from engine.experiments.theory.conjecture import Conjecture, Percolation
from engine.experiments.untrained.evolution import Evolution
from engine.experiments.untrained.untrained import SEVERAL, Untrained
from engine.gallery import RESNET18_IN_FULL
from engine.parameters import default_of
from engine.plots.grammar import Drawing
from engine.records import Record
from pages.shared import service
from pages.shared.downloads import take
from pages.shared.figures.remembered import specified
from pages.shared.form import Form
from pages.shared.job_panel import job_panel
from pages.shared.link import Link, Linked
from pages.shared.look import theme
from pages.shared.share import share_button

PAGE = "untrained"
PREFIXES: dict[type[Spec], str] = {
    Percolation: "pc",
    Untrained: "ut",
    Conjecture: "cj",
    Evolution: "ev",
}
"""What the names of a chapter's parameters begin with in an address, where it is not the kind."""

USUAL: dict[type[Spec], Spec] = {Untrained: SEVERAL, Evolution: RESNET18_IN_FULL}
"""What a chapter shows at first, where that is not what its kind computes by default."""

Draw = Callable[[Record], None]


def sections() -> dict[type[Spec], Form[Spec]]:
    """Every kind that belongs on this page, whoever declared it, and its form."""
    here = [cls for cls in kinds().values() if cls.page == PAGE and not cls.part_of]
    here.sort(key=lambda cls: [*PREFIXES].index(cls) if cls in PREFIXES else len(PREFIXES))
    return {cls: Form(cls, PREFIXES.get(cls, cls.kind.replace("-", "_"))) for cls in here}


def page_link() -> Link:
    """The links of the page."""
    return Link("un", tuple(sections().values()))


def section(
    cls: type[Spec],
    link: Linked,
    draw: Draw,
    *,
    title: str = "",
    words: str = "",
    figure: Callable[[Record], Drawing] | None = None,
) -> None:
    """Title and words; the result that the link names, or else what a chapter of its kind shows at first.

    `figure` is what stands on its card.
    """
    st.header(title or cls.title, anchor=False)
    st.markdown(words or cls.__doc__ or "")
    if link.job and isinstance(link.job.spec, cls):
        if job_panel(link.job, key=f"{sections()[cls].prefix}_job"):
            page_link().start(link.job.spec)
        return
    if record := shown(cls, link):
        draw(record)
        share_button(record, sections()[cls].prefix, figure and partial(figure, record))
        return
    st.info(
        "There is no result to show yet. Compute one at the end of the page.",
        icon=":material/hourglass_empty:",
    )


def shown(cls: type[Spec], link: Linked) -> Record | None:
    """The result of a chapter."""
    if link.record and isinstance(link.record.spec, cls):
        return link.record
    usual = USUAL.get(cls) or default_of(cls)
    return service.measured(usual) or service.found(usual)


def plain_sections(link: Linked) -> None:
    """A chapter for each kind on this page that has none of its own."""
    for cls in sections():
        if cls not in PREFIXES:
            section(cls, link, _plain)


def _plain(record: Record) -> None:
    """How it ended, its figure, its tables."""
    st.markdown(f"**{record.outcome}**")
    if figure := getattr(record.result, "plot", None):
        st.vega_lite_chart(
            specified(figure(), theme()), alt=record.outcome, key=f"{record.kind}_figure"
        )
    for name, table in record.tables.items():
        st.caption(name.replace("_", " ").capitalize())
        st.dataframe(table, hide_index=True, alt=f"The table {name} of the result")


def drawer(link: Linked) -> None:
    """The drawer, folded."""
    label, icon = "Run these experiments yourself", ":material/tune:"
    folded = st.expander(label, icon=icon, key="un_drawer", on_change="rerun")
    if not folded.open:
        return
    with folded:
        forms = sections()
        for (cls, form), tab in zip(forms.items(), st.tabs([c.title for c in forms]), strict=True):
            with tab:
                _setup(form)
                if record := shown(cls, link):
                    take(record, f"{form.prefix}_take")


def _setup(form: Form[Spec]) -> None:
    place = form.block(*form.settings, columns=4)
    spec = form.spec()
    pressed = place.button(
        "Compute",
        type="primary",
        icon=":material/play_arrow:",
        key=f"{form.prefix}_compute",
        disabled=spec is None,
    )
    if spec and pressed:
        page_link().start(spec)
