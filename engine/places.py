"""Places along a path: where a picture stands between the two ends. Numpy alone, for pages read it too.

A place is measured along the straight line between the ends, 0 at the first and 1 at the last, whatever
the parameter t of a path (METHOD.md, sec. 2: B and B′ have the same place).
"""

from __future__ import annotations

import numpy as np


def stations(nodes: np.ndarray) -> np.ndarray:
    """The places of a path's nodes (M, ...), float64 (M,), never decreasing from 0 to 1."""
    flat = nodes.reshape(len(nodes), -1).astype(np.float64)
    along = flat[-1] - flat[0]
    length = float(along @ along)
    share = (flat - flat[0]) @ along / length if length else np.linspace(0, 1, len(flat))
    # Only the hyperplane finder keeps its nodes in order; others may step back a little.
    places = np.maximum.accumulate(np.clip(share, 0, 1))
    places[0], places[-1] = 0, 1
    return places
