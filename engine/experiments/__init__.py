"""The experiments, by kind. Importing a spec imports no torch; only its `compute` does."""

from __future__ import annotations

from importlib import import_module

from engine.errors import unknown_name
from engine.experiments.base import Spec

_HOMES = {
    "modes": ("engine.experiments.modes", "Modes"),
    "real-real": ("engine.experiments.real_real", "RealReal"),
    "manifold": ("engine.experiments.manifold", "Manifold"),
    "survey": ("engine.experiments.survey", "Survey"),
}

KINDS = tuple(_HOMES)


def spec_class(kind: str) -> type[Spec]:
    """The spec class of an experiment; UnknownNameError lists the known kinds."""
    if kind not in _HOMES:
        raise unknown_name("experiment", kind, KINDS)
    module, name = _HOMES[kind]
    found: type[Spec] = getattr(import_module(module), name)
    return found
