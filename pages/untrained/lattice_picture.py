"""A percolating grid as a picture and in words."""

from __future__ import annotations

import numpy as np

from engine.lattice.sites import Clusters, clusters, draw_levels
from engine.lattice.thresholds import LITERATURE
from engine.plots.palette import LAND, SEA, STRAIGHT
from pages.shared.words import share

CRITICAL = LITERATURE[2]

COLORS = {
    "empty": SEA[4],
    "occupied": "#A89B74",
    "in the largest cluster": LAND,
    "in a spanning cluster": STRAIGHT,
}
"""What a site is -> its colour: land may be walked on, and one cluster of it stands out."""


def filled(p: float, side: int, seed: int) -> Clusters:
    """The clusters of a square grid whose sites are occupied with probability p."""
    return clusters(draw_levels(2, side, seed, "grid") < p)


def picture(found: Clusters, pixels: int) -> np.ndarray:
    """A grid as uint8 (H, W, 3), about `pixels` a side; every site is a square of whole pixels."""
    kind = (found.labels > 0).astype(np.int64)
    for color, cluster in ((2, found.largest), (3, found.spanning)):
        if cluster:
            kind[found.labels == cluster] = color
    palette = [list(bytes.fromhex(color.removeprefix("#"))) for color in COLORS.values()]
    small = np.array(palette, dtype=np.uint8)[kind]
    factor = max(1, round(pixels / len(small)))
    return small.repeat(factor, axis=0).repeat(factor, axis=1)


def words_of(p: float, found: Clusters) -> str:
    """A lattice in two sentences: how full, its largest cluster, whether one spans it."""
    sites = found.labels.size
    if not found.occupied:
        return f"None of the {sites:,} sites is occupied."
    spans = (
        f"A cluster spans the grid: **{share(found.spanning_share)}** of the occupied sites are in it."
        if found.spanning
        else "No cluster spans the grid: the largest one holds "
        f"**{share(found.largest_share)}** of the occupied sites."
    )
    return (
        f"{found.occupied:,} of {sites:,} sites are occupied. {spans} On an infinite grid one does if p > "
        f"{CRITICAL}."
    )
