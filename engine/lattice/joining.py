"""Union–find without a loop over pairs: what is joined to what, for all pairs at once.

Roots hook onto lower ones of the pairs they occur in, and paths are halved until all trees are flat.
At least half of the roots that can still be joined hook in every pass, so passes are few.
"""

from __future__ import annotations

import numpy as np


def join(count: int, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """The lowest member of everyone's component, int64 (count,).

    Members 0 to count - 1 are joined in pairs, `first[k]` with `second[k]`.
    """
    roots = np.arange(count)
    while len(first):
        first, second = roots[first], roots[second]
        apart = first != second
        first, second = first[apart], second[apart]
        np.minimum.at(roots, np.maximum(first, second), np.minimum(first, second))
        roots = _flat(roots)
    return roots


def _flat(roots: np.ndarray) -> np.ndarray:
    """Every member at its root at once."""
    while True:
        above = roots[roots]
        if np.array_equal(above, roots):
            return roots
        roots = above
