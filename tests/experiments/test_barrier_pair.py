"""Where nobody has chosen two images, two of the class with a barrier between them are looked for."""

from __future__ import annotations

import numpy as np
import pytest

from engine.classifiers import load_classifier
from engine.datasets import load_dataset
from engine.errors import ImageError
from engine.experiments.pair.real_real import BarrierPair, RealReal
from engine.finders.settings import ConnectSettings
from engine.images import encode_png, to_pixels
from engine.paths import loss_curve
from engine.records import Store, run

STRAIGHT = ConnectSettings(rounds=0)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return Store(tmp_path_factory.mktemp("store"), shipped=None)


@pytest.fixture(scope="module")
def found(store):
    return run(BarrierPair(label="heart", limit=30), store=store)


def test_only_the_class_that_is_asked_for_is_ranked(found, store):
    survey = store.find(found.spec.survey.key())
    data = load_dataset("shapes")
    hearts = np.flatnonzero(data.labels == data.classes.index("heart"))
    assert len(survey.arrays["index"]) == found.summary["ranked"] == 30
    assert np.isin(survey.arrays["index"], hearts).all()
    assert np.isin(found.arrays["pairs"], survey.arrays["index"]).all()


def test_the_search_ends_with_the_first_gap_that_is_high_enough(found):
    gaps = found.arrays["gap"]
    assert gaps[-1] >= found.spec.enough > gaps[:-1].max(initial=0)
    images = load_dataset("shapes").batch([int(found.result.first), int(found.result.second)])
    curve = loss_curve(load_classifier("shapes-resnet"), to_pixels(images), "heart", points=17)
    assert curve.barrier().gap == pytest.approx(found.summary["gap"], abs=1e-5)


def test_where_no_gap_is_high_enough_the_highest_is_taken(store):
    found = run(BarrierPair(label="heart", limit=12, pairs=4, enough=1000), store=store)
    assert len(found.arrays["gap"]) == 4
    assert len({frozenset(pair) for pair in found.arrays["pairs"].tolist()}) == 4
    assert found.summary["gap"] == found.arrays["gap"].max()


def test_a_pair_that_nobody_chose_is_such_a_one(store):
    spec = RealReal(classifier="digits-resnet", dataset="digits", label="3", connect=STRAIGHT)
    pair = run(spec, store=store).result
    found = run(spec.barrier_pair, store=store).result
    ends = [pair.summary[slot]["source"] for slot in ("first", "second")]
    assert ends == [found.first, found.second]


def test_copies_of_one_picture_are_no_pair(tmp_path, store):
    data = load_dataset("digits")
    three = encode_png(data.images[np.flatnonzero(data.labels == 3)[0]])
    (tmp_path / "3").mkdir()
    for name in ("one", "two", "three"):
        (tmp_path / "3" / f"{name}.png").write_bytes(three)
    with pytest.raises(ImageError, match="has 1 different image"):
        run(BarrierPair("digits-resnet", f"folder:{tmp_path}", label="3"), store=store)
