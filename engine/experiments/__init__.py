"""The experiments, a room a family. Importing a spec imports no torch; only computing it does."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from engine.called import answers
from engine.errors import unknown_name
from engine.experiments.base import Spec


def kinds() -> dict[str, type[Spec]]:
    """Every experiment by its kind: those of the rooms here, and what was declared elsewhere since."""
    _open_rooms()
    return Spec.kinds


def spec_class(kind: str) -> type[Spec]:
    """The spec class of an experiment; UnknownNameError lists the known kinds."""
    known = kinds()
    if kind not in known:
        raise unknown_name("experiment", kind, known)
    return known[kind]


@cache
def _open_rooms() -> None:
    """Import the specs: the files of every room. Folders in it hold what computes them."""
    for room in iter_modules(__path__, f"{__name__}."):
        if room.ispkg:
            for file in iter_modules(import_module(room.name).__path__, f"{room.name}."):
                if not file.ispkg:
                    import_module(file.name)


def _known() -> tuple[str, ...]:
    """Names of the experiments that `engine.run` and `python -m engine run` know, without parts of others."""
    return tuple(kind for kind, cls in kinds().items() if not cls.part_of)


answers(__name__, _known)
