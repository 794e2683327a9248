"""Pictures at the pointer: a map of blends, the paths on it and their losses, all moved at once.

The browser blends the pictures by itself; the server is asked only to take one to another page.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from engine.experiments.pair.results import AdversarialResult, PairResult
from engine.experiments.synthesis.results import ModesResult
from engine.plots.tracks import Paths
from pages.shared.component import component
from pages.shared.figures.remembered import Shelf, remembered
from pages.shared.living_map import scene

KEPT_BYTES = 16_000_000
"""Of scenes that are kept: one of large pictures takes some megabytes."""

_MAP = component(__file__, "viewer", ("blend", "ground", "viewer"))

Chosen = Mapping[str, np.ndarray] | None
"""A picture that a visitor wants to take elsewhere, by its name, float32 (C, H, W)."""

_shelf: Shelf[bytes] = Shelf(KEPT_BYTES, len)
_path = remembered(scene.path_scene, _shelf)
_attack = remembered(scene.attack_scene, _shelf)
_hull = remembered(scene.hull_scene, _shelf)


def path_map(pair: Paths, arrays: Mapping[str, np.ndarray], *, key: str) -> Chosen:
    """Both paths of a pair with pictures and losses, on the map of a plane where `arrays` hold one."""
    return _shown(_path(pair, arrays), key)


def attack_map(pair: AdversarialResult, *, key: str) -> Chosen:
    """The plane through A, K and K′."""
    return _shown(_attack(pair), key)


def hull_map(found: ModesResult, row: int, *, key: str) -> Chosen:
    """All blends of the three modes in a row of the record's hulls."""
    return _shown(_hull(found, row), key)


def plane_table(pair: PairResult, prefix: str = "") -> pd.DataFrame:
    """One row a point of a record's plane: x and y in image distance, loss in nats, predicted class."""
    x, y, loss, seen = (
        pair.arrays[f"{prefix}plane_{name}"] for name in ("x", "y", "loss", "prediction")
    )
    across, up = (axis.ravel() for axis in np.meshgrid(x, y))
    predicted = [pair.label(int(one)) for one in seen.ravel()]
    return pd.DataFrame({"x": across, "y": up, "loss": loss.ravel(), "predicted": predicted})


def hull_table(found: ModesResult, row: int) -> pd.DataFrame:
    """One row a blend of three modes: the share of each, loss in nats, predicted class."""
    modes = found.arrays["hull_corners"][row]
    shares = found.arrays["hull_weights"].T.round(4)
    table = {f"share of mode {mode + 1}": one for mode, one in zip(modes, shares, strict=True)}
    seen = found.arrays["hull_prediction"][row]
    predicted = [found.label(int(one)) for one in seen]
    return pd.DataFrame({**table, "loss": found.arrays["hull_loss"][row], "predicted": predicted})


def _shown(packed: bytes, key: str) -> Chosen:
    asked: Any = _MAP(key=key, data=packed, on_asked_change=lambda: None).asked
    if not isinstance(asked, list) or len(asked) != 2:
        return None
    if not all(isinstance(one, int | float) and math.isfinite(one) for one in asked):
        return None
    return {"A picture from the map": scene.blend_at(packed, asked)}
