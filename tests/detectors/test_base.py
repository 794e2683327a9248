"""What `fit` makes of its images: who is held out, who sets the false-positive rate, and what it says."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.detectors.altering import Altered
from engine.detectors.sides import FEWEST_OF_A_KIND, FOLDS, hardest, held_out
from tests.detectors.listening import SCORE, Listening, Telling, numbers, rows
from tests.detectors.small import SHAPE, small_classifier

counts = st.integers(10, 200)
seeds = st.integers(0, 2**31 - 1)


@given(count=counts, seed=seeds)
def test_twins_are_learnt_from_together_or_held_out_together(count, seed):
    model = Listening().fit_features(rows(range(count)), rows(range(count), 1), seed=seed).model
    learnt, chose = (
        [numbers(side, kind) for kind in (0, 1)] for side in (model.learnt, model.chose)
    )
    assert learnt[0] == learnt[1]
    assert chose[0] == chose[1]
    assert sorted(learnt[0] + chose[0]) == list(range(count)), "every image is on one side"


@given(count=counts, seed=seeds)
def test_a_fifth_is_held_out_and_what_it_is_hangs_on_the_seed(count, seed):
    mask = held_out(count, seed)
    assert mask.sum() == max(2, round(count / 5))
    assert np.array_equal(mask, held_out(count, seed))
    other = [held_out(count, seed + k).tobytes() for k in range(5)]
    assert len(set(other)) > 1


def test_no_image_is_held_out_more_often_than_others():
    often = np.mean([held_out(50, seed) for seed in range(1000)], axis=0)
    assert abs(often - 0.2).max() < 5 * np.sqrt(0.2 * 0.8 / 1000)


def test_fewer_attacked_images_than_clean_ones_are_parted_too():
    model = Listening().fit_features(rows(range(50)), rows(range(20), 1)).model
    assert [len(numbers(model.learnt, kind)) for kind in (0, 1)] == [40, 16]
    assert [len(numbers(model.chose, kind)) for kind in (0, 1)] == [10, 4]


def test_altered_copies_are_on_the_side_of_their_images():
    made = [
        Altered(
            rows(range(500, 520), kind),
            np.arange(20),
            np.repeat(["noise", "blur"], 10),
            np.arange(20) % 2 > 0,
        )
        for kind in (0, 1)
    ]
    sides = [rows(range(40), kind) for kind in (0, 1)]
    model = Listening().fit_features(*sides, altered=made[0], altered_attacks=made[1]).model
    for heard, kind in product((model.learnt, model.chose), (0, 1)):
        own = numbers(heard, kind)
        assert [one - 500 for one in own if one >= 500] == [one for one in own if one < 20]


@given(seed=seeds)
def test_with_altered_copies_every_clean_image_sets_the_rate_by_a_model_that_never_saw_it(seed):
    made = Altered(
        rows(range(500, 515)),
        np.arange(15),
        np.repeat(["noise", "blur", "jpeg"], 5),
        np.arange(15) % 2 > 0,
    )
    sides = [rows(range(40), kind) for kind in (0, 1)]
    detector = Telling().fit_features(*sides, seed=seed, altered=made)
    everybody = [*range(40), *range(500, 515)]
    assert (detector.clean_scores * 1024).round().astype(int).tolist() == everybody
    first, *others = detector.models
    assert detector.model is first
    learnt = [set(numbers(one.learnt, 0)) for one in others]
    assert len(learnt) == FOLDS
    assert set.union(*learnt) == set(numbers(first.learnt, 0))
    assert not set.intersection(*learnt), "each is left out once"
    assert all(numbers(one.chose, 0) == numbers(first.chose, 0) for one in others)


def test_images_are_parted_as_their_features_are():
    """The first pixel is the number, the second the kind: what the model heard tells who was where."""
    pixels = torch.zeros(2, 40, *SHAPE)
    pixels[:, :, 0, 0, 0] = torch.arange(40) / 64
    pixels[1, :, 0, 0, 1] = 1
    found = []
    for seed in (3, 3, 4):
        model = Listening(small_classifier()).fit(*pixels, seed=seed).model
        clean, attacked = (model.chose[model.chose[:, 1] == kind] for kind in (0, 1))
        assert np.array_equal(clean[:, 0], attacked[:, 0])
        assert len(clean) == 8
        assert len(model.learnt) == 64
        found.append(clean[:, 0].tolist())
    assert found[0] == found[1]
    assert found[0] != found[2]


@given(count=counts, seed=seeds)
def test_false_alarms_are_counted_on_clean_images_that_were_held_out(count, seed):
    detector = Listening().fit_features(rows(range(count)), rows(range(count), 1), seed=seed)
    held = detector.score_features(rows(numbers(detector.model.chose, 0)))
    assert np.array_equal(detector.clean_scores, np.sort(held))


def test_other_clean_images_may_set_the_rate():
    detector = Listening().fit_features(rows(range(20)), rows(range(20), 1))
    own = rows([70, 50, 60])
    assert detector.calibrate(own).clean_scores.tolist() == sorted(own[:, SCORE] + 1)


@given(st.lists(st.integers(0, 12), min_size=2, max_size=40), st.integers(1, 100))
def test_of_clean_images_no_more_are_alarms_than_the_rate_allows(scores, percent):
    """Each in turn against the others: then at most that share of them all can be called an attack."""
    own, alarms = np.array(scores, dtype=float), 0
    for k in range(len(own)):
        detector = Listening()
        detector.clean_scores = np.sort(np.delete(own, k))
        alarms += detector.false_positive_rate(own[k : k + 1])[0] <= percent / 100
    assert alarms <= percent / 100 * len(own) + 1e-9


@given(st.lists(st.integers(0, 12), min_size=1, max_size=40))
def test_a_higher_score_is_never_a_commoner_one(scores):
    detector = Listening()
    detector.clean_scores = np.sort(np.array(scores, dtype=float))
    rates = detector.false_positive_rate(np.arange(-1, 14, 0.5))
    assert all(low >= high for low, high in pairwise(rates))
    assert rates[0] == 1
    assert rates[-1] == pytest.approx(1 / (len(scores) + 1)), "none proves a rate of zero"


def test_a_model_sees_the_columns_of_its_attack_alone():
    class OwnColumns(Listening):
        def columns(self, attack):
            return slice(3, 6) if attack == "second" else slice(0, 3)

    first = [rows(range(20), kind) for kind in (0, 1)]
    second = [rows(range(100, 120), kind) for kind in (0, 1)]
    features = [np.hstack(both) for both in zip(first, second, strict=True)]
    for attack, own in (("", first), ("second", second)):
        detector = OwnColumns().fit_features(*features, attack)
        heard = detector.model.learnt
        assert heard.shape == (32, 3)
        assert set(numbers(heard, 0)) <= set(numbers(own[0], 0))
        assert np.array_equal(detector.score_features(features[0], attack), own[0][:, SCORE] + 1)
        assert set(detector.clean_scores) <= set(own[0][:, SCORE] + 1)


@given(count=counts, seed=seeds, rate=st.floats(0, 1))
def test_the_threshold_is_where_the_allowed_rate_begins(count, seed, rate):
    detector = Listening()
    draws = np.random.default_rng(seed)
    detector.clean_scores = np.sort(draws.integers(0, 20, count) / 20)
    scores = np.arange(-1, 22) / 20
    called = detector.false_positive_rate(scores) <= rate
    assert np.array_equal(called, scores > detector.threshold(rate))


def test_of_several_kinds_of_clean_images_the_one_most_like_attacks_sets_the_rate():
    detector = Listening().fit_features(rows(range(20)), rows(range(20), 1))
    plain, noisy, few = rows(range(40)), rows(range(500, 540)), rows(range(900, 910))
    assert detector.calibrate(plain, noisy).clean_scores.tolist() == (noisy[:, SCORE] + 1).tolist()
    assert (noisy[:, SCORE] + 1 > detector.threshold(0.05)).mean() <= 0.05
    together = np.sort(np.concatenate([plain, few])[:, SCORE] + 1)
    assert np.array_equal(detector.calibrate(plain, few).clean_scores, together)


def test_kinds_with_too_few_images_count_together_before_all_do():
    draws = np.random.default_rng(0)
    large = draws.uniform(0, 1, 40)
    small = [draws.uniform(2, 3, FEWEST_OF_A_KIND - 8) for _ in range(2)]
    assert np.array_equal(hardest([large, *small]), np.sort(np.concatenate(small)))
    lower = [own - 5 for own in small]
    assert np.array_equal(hardest([large, *lower]), np.sort(large)), (
        "they do not dilute the hardest"
    )
    assert len(hardest([large, small[0]])) == len(large) + len(small[0])
