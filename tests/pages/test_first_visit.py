"""A new visitor waits for nothing: what the real-real page shows first is shipped."""

from __future__ import annotations

from pathlib import Path

from engine.experiments.pair.real_adversarial import RealAdversarial
from engine.experiments.pair.real_real import RealReal
from engine.experiments.pair.results import BarrierPairResult
from engine.gallery import FIRST, FIRST_ADVERSARIAL, FIRST_PAIR
from engine.records import Store
from pages.real_adversarial.desk import START
from pages.real_adversarial.pictures import pictures_of
from pages.shared.image_sets import classes_of
from pages.shared.pair.view import straight_of


def test_the_first_thing_that_a_visitor_sees_is_shipped(tmp_path: Path) -> None:
    """The pair that the page takes, of the first class, is shipped, and FIRST is its straight path."""
    assert classes_of(("shapes-resnet", "shapes", "test"), least=2)[:1] == [FIRST_PAIR.label]
    found = Store(tmp_path).find(FIRST_PAIR.key())
    assert found is not None
    pair = found.found(BarrierPairResult)
    assert straight_of(RealReal(first=pair.first, second=pair.second)) == FIRST
    assert pair.summary["gap"] > 1


def test_the_attack_that_a_visitor_sees_first_is_shipped() -> None:
    assert straight_of(RealAdversarial(**pictures_of("disc", START, True))) == FIRST_ADVERSARIAL
