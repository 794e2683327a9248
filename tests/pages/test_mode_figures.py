"""Figures of modes: colours that follow the loss, valid charts."""

from __future__ import annotations

import pandas as pd

from pages.shared.figures.sea import bands
from pages.shared.figures.trace import growth


def test_shades_follow_the_loss() -> None:
    borders, shades, names = bands(0.05)
    assert len(shades) == len(names) == len(borders) + 1
    assert [*borders] == sorted({0.05, *borders})
    assert names[0].endswith("(land)")
    assert names[-1].startswith("above")


def test_growth_draws_a_line_a_picture() -> None:
    trace = pd.DataFrame({"mode": [0, 0, 1], "step": [0, 1, 0], "loss": [2.0, 0.0, 3.0]})
    chart, table = growth(trace, ["A", "C"], 1e-3)
    assert chart.to_dict()["layer"]
    assert list(table["picture"]) == ["A", "A", "C"]
    assert table["loss"].min() > 0, "a logarithmic axis has no zero"
