"""The form of a benchmark, and what the address of the view names."""

from __future__ import annotations

from engine.experiments.detection.detection import Detection
from engine.records import Record
from pages.shared import service
from pages.shared.form import Form
from pages.shared.link import Link

FORM = Form(Detection, "bm")


def _example() -> Record | None:
    """The shipped benchmark of the default classifier, if there is one."""
    for record in service.shipped(Detection.kind):
        if record.spec.to_dict()["classifier"] == FORM["classifier"].start:
            return record
    return None


LINK = Link(FORM.prefix, (FORM,), example=_example)
