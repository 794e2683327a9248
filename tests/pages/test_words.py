"""Numbers in words: with units, short, and never a false precision."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine.experiments.real_real import RealReal
from engine.experiments.survey import Survey
from engine.finders.settings import ConnectSettings
from pages.shared import words


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


def test_the_past_is_told_relative_to_now() -> None:
    now = datetime(2025, 3, 1, 12, tzinfo=UTC)
    assert words.ago(now - timedelta(seconds=5), now) == "just now"
    assert words.ago(now - timedelta(days=1), now) == "1 day ago"
    assert words.ago(now - timedelta(days=50), now) == "10 January 2025"


def test_specs_are_told_apart() -> None:
    spec = RealReal(first="37", second="upload:" + "ab" * 32)
    assert words.spec_words(spec) == "Image 37 to uploaded image ababab, shapes, shapes-resnet"
    assert words.job_words(spec).startswith("Connecting image 37")
    straight = RealReal(first="37", second="5", connect=ConnectSettings(rounds=0))
    assert words.job_words(straight).startswith("Straight path: image 37")
    assert words.job_words(Survey()) == "Ranking images by loss: shapes, shapes-resnet"
