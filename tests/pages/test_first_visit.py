"""A new visitor waits for nothing: what the real-real page shows first is shipped."""

from __future__ import annotations

from pathlib import Path

from engine.datasets import load_dataset
from engine.experiments.images.results import SurveyResult
from engine.experiments.pair.real_adversarial import RealAdversarial
from engine.experiments.pair.real_real import RealReal
from engine.gallery import FIRST, FIRST_ADVERSARIAL, SURVEYS
from engine.records import Store
from pages.real_adversarial.desk import START, pictures_of
from pages.real_real.pictures import AMONG, first_pair
from pages.shared.pair.view import straight_of


def test_the_first_thing_that_a_visitor_sees_is_shipped(tmp_path: Path) -> None:
    """The pair that the page preselects, from the shipped survey, is the one of FIRST."""
    survey = Store(tmp_path).find(SURVEYS[0].key())
    assert survey is not None
    label, rows = next(iter(survey.found(SurveyResult).by_class.items()))
    indices = survey.arrays["index"][rows][:AMONG].tolist()
    pair = first_pair(load_dataset("shapes").batch(indices), indices)
    assert label == "disc"
    assert straight_of(RealReal(first=pair[0], second=pair[1])) == FIRST


def test_the_attack_that_a_visitor_sees_first_is_shipped() -> None:
    assert straight_of(RealAdversarial(**pictures_of("disc", START, True))) == FIRST_ADVERSARIAL
