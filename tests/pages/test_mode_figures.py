"""Figures of modes: colours that follow the loss, valid charts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pages.shared.figures.sea import band_of, bands
from pages.shared.figures.trace import growth


def test_shades_follow_the_loss() -> None:
    borders, _, names = bands(0.05)
    heights = np.array([0.0, 0.05, 0.0501, borders[-1], 99])
    assert band_of(heights, 0.05).tolist() == [names[0], names[0], names[1], *names[-2:]]
    assert names[0].endswith("(land)")
    assert names[-1].startswith("above")


def test_growth_draws_a_line_a_picture() -> None:
    trace = pd.DataFrame({"mode": [0, 0, 1], "step": [0, 1, 0], "loss": [2.0, 0.0, 3.0]})
    chart, table = growth(trace, ["A", "C"], 1e-3)
    assert chart.to_dict()["layer"]
    assert list(table["picture"]) == ["A", "A", "C"]
    assert table["loss"].min() > 0, "a logarithmic axis has no zero"
