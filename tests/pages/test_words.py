"""Numbers in words: with units, short, and never a false precision."""

from __future__ import annotations

from typing import Any

import pytest

from engine.experiments.images.survey import Survey
from engine.experiments.pair.real_adversarial import RealAdversarial
from engine.experiments.pair.real_real import RealReal
from engine.experiments.pair.results import PairResult
from engine.experiments.synthesis.modes import Manifold, Modes
from engine.finders.settings import ConnectSettings
from pages.real_real.result import straight_words
from pages.shared import words
from pages.shared.pair.drawing import curve_words


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0, "0"), (4.1234, "4.12"), (0.0027, "0.0027"), (8.14e-6, "8.1×10⁻⁶"), (12345, "12,345")],
)
def test_figures_have_three_digits_and_no_computer_notation(value: float, expected: str) -> None:
    assert words.figure(value) == expected


def test_certainty_is_not_rounded_up_to_whole() -> None:
    assert words.share(1 - 1e-6) == "over 99.9 %"
    assert words.share(1.0) == "100 %"
    assert words.share(0.9731) == "97 %"


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0.44, "0.4 s"), (12.2, "12 s"), (200, "3 min 20 s"), (7500, "2 h 5 min")],
)
def test_durations_read_as_people_say_them(seconds: float, expected: str) -> None:
    assert words.duration(seconds) == expected


def test_specs_are_told_apart() -> None:
    spec = RealReal(first="37", second="upload:" + "ab" * 32)
    assert spec.words() == "Image 37 to uploaded image ababab, shapes, shapes-resnet"
    assert spec.doing().startswith("Connecting image 37")
    straight = RealReal(first="37", second="5", connect=ConnectSettings(rounds=0))
    assert straight.doing().startswith("Straight path: image 37")
    attacked = RealAdversarial(first="37", source="5", second="6")
    assert attacked.words() == "Image 37 to image 5, attacked, shapes, shapes-resnet"
    assert attacked.doing().startswith("Attack and search: image 37 to image 5")
    synthetic = Manifold(label="star")
    assert synthetic.words() == "Optimal manifold, star, shapes-resnet"
    assert synthetic.doing() == synthetic.words()
    assert Modes().subject() == "Modes of a class, first class"
    assert Survey().words() == "Images ranked by loss, shapes, shapes-resnet"
    assert Survey().doing() == "Ranking images by loss: shapes, shapes-resnet"


@pytest.fixture
def summary(pair: PairResult) -> dict[str, Any]:
    end = {"probability": 0.999, "loss": 0.001}
    summary: dict[str, Any] = pair.summary  # type: ignore[assignment]
    summary |= {"first": end, "second": end}
    return summary


def test_a_barrier_is_told_with_its_height_and_its_class(
    pair: PairResult, summary: dict[str, Any]
) -> None:
    told = straight_words(pair)
    assert "the loss rises to **4 nats**, where the classifier sees **ring**" in told
    assert "A (99.9 % sure, loss 0.001 nats)" in told


def test_a_pair_without_a_barrier_is_told_so(pair: PairResult, summary: dict[str, Any]) -> None:
    summary["height_before"] = 0.02
    assert "they are connected already" in straight_words(pair)


def test_curves_are_told_to_those_who_do_not_see_them(pair: PairResult) -> None:
    assert curve_words(pair).endswith("the path found reaches at most 0.04 nats")
