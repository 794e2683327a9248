"""An experiment on another classifier than its spec names."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engine.errors import ParameterError
from engine.experiments.base import Spec
from engine.parameters import Parameters, fields_of

FIELD = "classifier"
"""What every spec calls the field that names its classifier."""


def classified(spec: Spec, name: str) -> Spec:
    """`spec`, and specs that it holds, with the classifier called `name`; ParameterError for one without."""
    changed = _changes(spec, name)
    if not changed:
        raise ParameterError(
            f"classifier: expected none for the experiment {spec.kind!r}, which has no classifier to "
            f"choose, got {name}."
        )
    return replace(spec, **changed)


def _changes(values: Parameters, name: str) -> dict[str, Any]:
    """The fields that differ once all classifiers are the one called `name`."""
    changed: dict[str, Any] = {}
    for field in fields_of(type(values)):
        value = getattr(values, field.name)
        if field.name == FIELD:
            changed[field.name] = name
        elif isinstance(value, Parameters) and (inner := _changes(value, name)):
            changed[field.name] = replace(value, **inner)
    return changed
