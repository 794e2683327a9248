"""Figures: what they draw follows from the arrays, and they leave as files without any network."""

from __future__ import annotations

import json
from dataclasses import replace
from io import BytesIO

import altair as alt
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from engine.experiments.pair.results import PairResult
from engine.plots.files import exported, picture
from engine.plots.grammar import across, draw, points
from engine.plots.palette import BYPASS, LAND, STRAIGHT
from engine.plots.tracks import ADVERSARIAL_ENDS, Drawn
from pages.shared.figures import loss_curves, overlaid_curves
from pages.shared.figures.sea import bands


def test_curves_keep_the_colours_of_their_paths(pair: PairResult) -> None:
    chart, data = loss_curves(pair)
    words = json.dumps(chart.to_dict())
    assert STRAIGHT in words
    assert BYPASS in words
    assert "threshold 0.05 nats" in words
    assert "B, the barrier: 4 nats" in words
    assert sorted(data["path"].unique()) == ["After round 1", "Straight path"]
    assert data["place"].between(0, 1).all()


def test_a_low_path_gets_no_barrier_mark(pair: PairResult) -> None:
    low = Drawn(pair.tracks[1:], pair.threshold, pair.classes)
    assert "the barrier" not in json.dumps(loss_curves(low)[0].to_dict())


def test_a_logarithmic_axis_survives_a_loss_of_zero(pair: PairResult) -> None:
    pair.straight.loss[0] = 0
    words = json.dumps(loss_curves(pair, logarithmic=True)[0].to_dict())
    assert '"loss": 0.0,' not in words
    assert picture(loss_curves(pair, logarithmic=True)[0], "svg").startswith(b"<svg")


def test_results_are_overlaid_under_their_names(pair: PairResult) -> None:
    _, data = overlaid_curves({"one": pair, "two": pair})
    assert data.groupby("result")["line"].nunique().tolist() == [2, 2]


def test_the_ends_of_a_path_have_their_own_letters(pair: PairResult) -> None:
    adversarial = replace(pair, ends=ADVERSARIAL_ENDS)
    words = json.dumps(loss_curves(adversarial)[0].to_dict(), ensure_ascii=False)
    assert "Place between A and K′" in words
    assert "and C" not in words
    both = overlaid_curves({"one": pair, "two": adversarial})[0].to_dict()
    assert "Place between A and C or K′" in json.dumps(both, ensure_ascii=False)


def test_figures_side_by_side_can_share_an_axis(pair: PairResult) -> None:
    charts = [loss_curves(pair, highest=highest)[0].to_dict() for highest in (0.0, 2.0, 9.0)]
    tops = [chart["layer"][0]["encoding"]["y"]["scale"]["domain"][1] for chart in charts]
    assert tops == pytest.approx([4.4, 4.4, 9.9])


@pytest.mark.parametrize("threshold", [1e-6, 0.05, 0.1, 0.9, 4.0, 10.0])
def test_bands_rise_whatever_the_threshold(threshold: float) -> None:
    borders, colors, names = bands(threshold)
    assert borders == sorted(set(borders))
    assert colors[0] == LAND
    assert len(colors) == len(names) == len(set(names)) == len(borders) + 1


def test_files_are_made_offline_and_have_a_ground(pair: PairResult) -> None:
    chart, _ = loss_curves(pair)
    assert picture(chart, "png").startswith(b"\x89PNG")
    assert b"nats" in picture(chart, "svg")
    assert exported(chart)["config"]["background"] == "white"


def test_words_are_on_the_pictures_that_leave() -> None:
    """A font's name that cannot be read leaves a picture without a word, and nobody told."""
    dots = pd.DataFrame({"t": [0.0, 1.0]})
    dark = []
    for title in ("Loss along the straight path (nats)", " "):
        chart = draw(points(dots, across("t", title, labels=False), alt.value(0)), height=60)
        pixels = np.asarray(Image.open(BytesIO(picture(chart, "png"))).convert("L"))
        dark.append(int((pixels < 100).sum()))
    assert dark[0] > dark[1] + 300
