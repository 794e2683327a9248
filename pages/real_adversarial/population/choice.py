"""Which pairs, which attack, how measured: the forms of both parts of the view, and their controls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from engine.attacks import ATTACKS, distinct
from engine.experiments.population.pair_statistics import AttackPopulations, PairStatistics
from engine.experiments.population.shards import PopulationSpec
from engine.records import Record
from pages.real_adversarial.aim import about, method_and_aim
from pages.shared import service
from pages.shared.controls import extra
from pages.shared.form import Form, attribute, folded, pairs
from pages.shared.link import Link, Linked

ONE, ALL = "One attack", "All attacks"
FORMS: dict[str, Form[PopulationSpec]] = {
    ONE: Form(PairStatistics, "pop", {"attack": "pop"}),
    ALL: Form(AttackPopulations, "pop", {"attack": "pop"}),
}
PART = extra("pop_part", ONE, ALL)


def _more(found: Linked) -> Mapping[str, Any]:
    """The part of the view that shows a result."""
    return {PART.key: ONE if isinstance(found.spec, PairStatistics) else ALL}


def _example() -> Record | None:
    """The shipped population of the default classifier, if there is one."""
    usual = PairStatistics()
    for record in service.shipped(usual.kind):
        spec = record.spec.to_dict()
        if (spec["classifier"], spec["dataset"]) == (usual.classifier, usual.dataset):
            return record
    return None


LINK = Link("pop", tuple(FORMS.values()), (PART,), more=_more, example=_example)


def choice() -> tuple[PopulationSpec | None, DeltaGenerator]:
    """The widgets; what they describe, None where a value is out of range; and a place for the button."""
    part = PART.held
    form, values, methods = FORMS[part], {}, distinct()
    with st.grid(5, min_column_width=135, vertical_alignment="bottom"):
        form.draw("classifier", "dataset", "pairs")
        if part == ONE:
            method, values["targeted"] = method_and_aim(form)
            methods = (method,)
    row = st.container(horizontal=True, vertical_alignment="center")
    place = row.container(width="content")
    with row:
        more = folded("pop_more")
    if more:
        with more:
            with pairs():
                form.draw("split", "images", "points", "seed")
            form.section("Joining the pairs: 0 rounds leave it out", "connect")
            for method in methods:
                group = f"attack.{attribute(method)}"
                form.section(ATTACKS[method].title, group, advanced=part == ONE or None)
    if part == ONE:
        st.caption(about(form, methods[0]))
    return form.spec(values), place
