"""Path finders: how two images of one class are joined by a path of low loss.

`settings` imports no torch; the rest does. A new finder is one `PathProblem` and one entry in
`connecting.FINDERS`.
"""

from __future__ import annotations

from typing import get_args

from engine.called import answers


def _known() -> tuple[str, ...]:
    """Names of the path finders that `engine.connect` knows as its `method`."""
    from engine.finders.settings import Method

    return get_args(Method)


answers(__name__, _known)
