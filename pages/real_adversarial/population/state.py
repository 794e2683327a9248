"""The two parts of the view: what each measures, the forms of both, and what a link fills them with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.experiments.population.attack_populations import AttackPopulations
from engine.experiments.population.pair_statistics import PairStatistics
from engine.experiments.population.spec import PopulationSpec
from engine.records import Record
from pages.shared import service
from pages.shared.controls import extra
from pages.shared.form import Form
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
