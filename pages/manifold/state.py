"""The two views of the page, their forms, and the way from a link to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.classifiers import card
from engine.classifiers.labels import class_index, spec_names
from engine.experiments.base import Spec
from engine.experiments.synthesis.modes import Manifold, Modes
from pages.shared.controls import extra
from pages.shared.form import Form
from pages.shared.link import Link, Linked

TWO, MANY = "Two modes", "Many modes"

SHARED = {"classifier": "mf", "label": "mf"}
"""What both views have in common."""

FORMS: dict[str, Form[Spec]] = {
    TWO: Form(
        Manifold, "mf_two", {**SHARED, "natural": "mf_a", "pattern": "mf_c", "connect": "mf"}
    ),
    MANY: Form(
        Modes,
        "mf_many",
        {**SHARED, "natural_settings": "mf_a", "pattern_settings": "mf_c", "connect": "mf_all"},
    ),
}

VIEW = extra("mf_view", TWO, MANY)


def _more(found: Linked) -> Mapping[str, Any]:
    """The view that shows a result, and its class as the widget names it."""
    assert found.spec
    values = found.spec.to_dict()
    classes = card(values["classifier"]).classes
    target = spec_names(classes)[class_index(values["label"] or "0", classes)]
    view = next(view for view, form in FORMS.items() if isinstance(found.spec, form.kind))
    return {VIEW.key: view, "mf_label": target}


LINK = Link("mf", tuple(FORMS.values()), (VIEW,), more=_more)
