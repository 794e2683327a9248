"""A new visitor waits for nothing: what the real-real page shows first is shipped."""

from __future__ import annotations

from pathlib import Path

from engine.datasets import load_dataset
from engine.gallery import FIRST, FIRST_ADVERSARIAL, SURVEYS
from engine.records import Store
from pages.real_adversarial import state as adversarial
from pages.real_real.pictures import AMONG, first_pair
from pages.real_real.state import Choice
from pages.shared.ranking import by_class


def test_the_first_thing_that_a_visitor_sees_is_shipped(tmp_path: Path) -> None:
    """The pair that the page preselects, from the shipped survey, is the one of FIRST."""
    survey = Store(tmp_path).find(SURVEYS[0].key())
    assert survey is not None
    label, rows = next(iter(by_class(survey).items()))
    indices = survey.arrays["index"][rows][:AMONG].tolist()
    pair = first_pair(load_dataset("shapes").batch(indices), indices)
    assert Choice("shapes-resnet", "shapes", "test", label, *pair).straight() == FIRST


def test_the_attack_that_a_visitor_sees_first_is_shipped() -> None:
    choice = adversarial.Choice("shapes-resnet", "shapes", "test", "disc", **adversarial.START)
    assert choice.straight() == FIRST_ADVERSARIAL
