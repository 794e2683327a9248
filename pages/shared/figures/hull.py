"""The loss over all blends of three pictures, as a triangle: land where it is low, sea where it is high."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from engine.plots import grammar as g
from engine.plots.palette import COAST
from pages.shared.figures.sea import band_colors, cell_table, numbered

HEIGHT = 400
PICTURE = 44
CORNERS = np.array([[0, 0], [1, 0], [0.5, 3**0.5 / 2]])
"""Where the three pictures stand: an even triangle, whatever their distances."""


def hull_map(
    weights: np.ndarray,
    loss: np.ndarray,
    prediction: np.ndarray,
    threshold: float,
    classes: Sequence[str],
    corners: Sequence[tuple[str, str]],
) -> g.Figure:
    """The map, and its table. `weights` (Q, 3), `corners` three times (name, data URI)."""
    data = hull_table(weights, loss, prediction, threshold, classes)
    shares = {f"w{k}": f"share of {name}" for k, (name, _) in enumerate(corners)}
    x = g.across("x", None, domain=[-0.14, 1.14], zero=False)
    y = g.up("y", None, domain=[-0.12, 1.02], zero=False)
    named = {field: f"{name}{g.SHARE}" for field, (name, _) in zip(shares, corners, strict=True)}
    tips = {"loss": "Loss (nats)", "predicted": "Seen as", **named}
    spots = _corners(corners)
    whose = {"image": "image", "name": "Corner"}
    chart = g.draw(
        g.cells(data, x, y, tips, color=band_colors(threshold, "Loss (nats)")),
        g.points(spots, x, y, whose, shape="square", size=(PICTURE + 4) ** 2, color=COAST),
        numbered(spots, x, y, whose, PICTURE),
        height=HEIGHT,
    )
    return chart, data[["w0", "w1", "w2", "loss", "predicted"]].rename(columns=shares)


def hull_table(
    weights: np.ndarray,
    loss: np.ndarray,
    prediction: np.ndarray,
    threshold: float,
    classes: Sequence[str],
) -> pd.DataFrame:
    """One row a blend: its weights, the edges of its cell, loss in nats, predicted class, band.

    Cells are bricks: every other row is shifted by half of one, so they tile the triangle.
    """
    x, y = (weights @ CORNERS).T
    steps = round(1 / np.diff(np.unique(weights[:, 0].round(9))).min())
    half = 0.5 / steps, 3**0.5 / 4 / steps
    seen = [classes[number] for number in prediction.astype(int)]
    shares = {f"w{k}": weights[:, k].round(4) for k in range(3)}
    return cell_table(x, y, half, loss, seen, threshold).assign(**shares)


def _corners(corners: Sequence[tuple[str, str]]) -> pd.DataFrame:
    names, images = zip(*corners, strict=True)
    numbers = [name.rsplit(" ", 1)[-1] for name in names]
    x, y = CORNERS.T
    return pd.DataFrame({"x": x, "y": y, "name": names, "image": images, "number": numbers})
