"""Path finders: how two images of one class are joined by a path of low loss, a file for each family."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.called import answers
from engine.methods import Methods

if TYPE_CHECKING:
    from engine.finders.search import PathProblem

FINDERS: Methods[PathProblem] = Methods("path finder", __name__)


def _known() -> tuple[str, ...]:
    """Names of the path finders that `engine.connect` knows as its `method`."""
    return tuple(FINDERS)


answers(__name__, _known)
