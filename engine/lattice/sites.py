"""Lattices whose sites are occupied at random, and the clusters of occupied neighbours in them.

A site of a d-dimensional hypercubic lattice has z = 2d neighbours, one before and one after it along
each axis.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from engine.errors import ParameterError
from engine.random import generator

MOST_SITES = 2**26
"""A lattice of more sites than this is refused: its labels alone would take half a gigabyte."""


@dataclass(frozen=True)
class Clusters:
    """The clusters of a lattice: `labels` of its shape, 0 where a site is empty; `sizes` by label.

    `sizes[0]` is 0, and so is the size of a label that was joined to another one. `spanning` is the
    label of the largest cluster that touches both faces of the first axis, 0 where there is none.
    """

    labels: np.ndarray
    sizes: np.ndarray
    spanning: int

    @property
    def occupied(self) -> int:
        """The number of occupied sites."""
        return int(self.sizes.sum())

    @property
    def largest(self) -> int:
        """The label of the largest cluster, 0 where no site is occupied."""
        return int(self.sizes.argmax())

    @property
    def largest_share(self) -> float:
        """Share of the occupied sites that lie in the largest cluster; 0 where there are none."""
        return float(self.sizes.max()) / max(1, self.occupied)

    @property
    def spanning_share(self) -> float:
        """Share of the occupied sites in the spanning cluster: P of a finite lattice."""
        return float(self.sizes[self.spanning]) / max(1, self.occupied)


def draw_levels(dimension: int, side: int, seed: int, label: str = "lattice") -> np.ndarray:
    """One number of [0, 1) a site, float64 (side,) * dimension; `levels < p` is occupied with p.

    The same levels serve every p, so a site that is occupied stays so as p grows.
    ParameterError for a lattice without sites, or with more than memory should hold.
    """
    if dimension < 1 or side < 1 or side**dimension > MOST_SITES:
        raise ParameterError(
            f"Expected a lattice of at least one dimension and of 1 to {MOST_SITES:,} sites, got "
            f"{side} sites a side in {dimension} dimensions."
        )
    return generator(seed, label).random((side,) * dimension)


def clusters(occupied: np.ndarray, periodic: Sequence[int] = ()) -> Clusters:
    """The clusters of a boolean lattice; the axes in `periodic` join their last face to their first.

    The first axis, along which a cluster may span, is never periodic: ParameterError.
    """
    if 0 in periodic:
        raise ParameterError("Clusters span along the first axis, so it cannot be periodic.")
    labels, count = ndimage.label(occupied)
    if periodic:
        faces = [np.stack([labels.take(0, axis), labels.take(-1, axis)]) for axis in periodic]
        pairs = np.concatenate([face.reshape(2, -1) for face in faces], axis=1)
        labels = join(count + 1, *pairs[:, (pairs > 0).all(0)])[labels]
    sizes = np.bincount(labels.ravel(), minlength=count + 1)
    sizes[0] = 0
    return Clusters(labels, sizes, _spanning(labels, sizes))


def spans(occupied: np.ndarray) -> bool:
    """Whether a cluster of the lattice, its faces open, reaches from one end of axis 0 to the other."""
    labels, count = ndimage.label(occupied)
    return bool(_in_both_faces(labels, count + 1).any())


def _spanning(labels: np.ndarray, sizes: np.ndarray) -> int:
    through = np.where(_in_both_faces(labels, len(sizes)), sizes, 0)
    return int(through.argmax())


def _in_both_faces(labels: np.ndarray, count: int) -> np.ndarray:
    """Which of `count` labels occur in the first and in the last face of axis 0."""
    found = np.zeros((2, count), dtype=bool)
    for row, face in zip(found, (labels[0], labels[-1]), strict=True):
        row[face.ravel()] = True
    found[:, 0] = False
    return np.logical_and(*found)


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
