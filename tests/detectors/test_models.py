"""Models are scikit-learn's, or what they say they are; kept as arrays, they give the same bits."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.svm import SVC

from engine.detectors.computing import models
from engine.detectors.computing.models import (
    BALANCES,
    COSTS,
    MODELS,
    NEIGHBOURS,
    Kernel,
    Logistic,
    Neighbours,
    Scaled,
    model_of,
    weights_of,
)
from engine.errors import UnknownNameError

MAKERS = {
    "logistic": Logistic,
    "scaled": Scaled,
    "kernel": lambda: Kernel(0.1, 1.0),
    "neighbours": lambda: Neighbours(3),
}

each_model = pytest.mark.parametrize("kind", MAKERS)


def sample(count: int, columns: int, seed: int, clean_share: float = 0.5):
    """Features float32 (count, columns) whose mean depends on whether they are attacked."""
    draws = np.random.default_rng(seed)
    attacked = np.arange(count) >= clean_share * count
    features = draws.normal(size=(count, columns)) + attacked[:, None] * 3 / np.sqrt(columns)
    return features.astype(np.float32), attacked


def fit(model, features, attacked):
    model.fit((features, attacked), sample(40, features.shape[1], 99), seed=0)
    return model


def test_every_model_of_the_registry_is_tested():
    assert set(MAKERS) == set(MODELS)


@each_model
def test_a_model_is_its_arrays(kind):
    model = fit(MAKERS[kind](), *sample(60, 12, 0))
    tests, attacked = sample(300, 12, 1)
    scores = model.score(tests)
    assert roc_auc_score(attacked, scores) > 0.9
    assert scores.min() >= 0
    assert scores.max() <= 1
    assert expit(model.log_odds(tests)) == pytest.approx(scores)
    again = model_of(kind, {name: array.copy() for name, array in model.arrays().items()})
    assert type(again) is MODELS[kind]
    assert np.array_equal(again.score(tests), scores)
    assert all(array.dtype != object for array in model.arrays().values())


@each_model
@pytest.mark.parametrize("columns", [12, 3000])
def test_no_bit_depends_on_the_other_rows(kind, columns):
    model = fit(MAKERS[kind](), *sample(60, columns, 0))
    tests, _ = sample(300, columns, 1)
    whole = model.score(tests)
    assert np.array_equal(model.score(tests[::-1])[::-1], whole)
    assert np.array_equal(model.score(tests[100:117]), whole[100:117])
    assert [float(model.score(tests[k : k + 1])[0]) for k in (0, 255, 299)] == whole[
        [0, 255, 299]
    ].tolist()
    assert model.score(tests[:0]).shape == (0,)


@given(st.lists(st.booleans(), min_size=2, max_size=30).filter(lambda b: 0 < sum(b) < len(b)))
def test_clean_and_attacked_weigh_alike(attacked):
    attacked = np.array(attacked)
    weights = weights_of(attacked)
    assert weights[attacked].sum() == pytest.approx(weights[~attacked].sum())
    assert weights.mean() == pytest.approx(1)


@pytest.mark.parametrize("columns", [5, 50, 400])
@pytest.mark.parametrize("clean_share", [0.5, 0.8])
def test_logistic_is_the_minimum_of_its_loss(columns, clean_share):
    features, attacked = sample(60, columns, 2, clean_share)
    model = fit(Logistic(), features, attacked)
    exact = LogisticRegression(tol=1e-12, max_iter=10_000).fit(
        features.astype(np.float64), attacked, sample_weight=weights_of(attacked)
    )
    assert np.allclose(model.weights, exact.coef_[0], atol=0.01 * np.abs(exact.coef_).max())
    tests, _ = sample(50, columns, 3)
    assert np.allclose(model.score(tests), exact.predict_proba(tests)[:, 1], atol=0.01)


@pytest.mark.parametrize("steps", [3, 20])
def test_wide_features_are_fitted_along_scikit_learn_s_own_steps(monkeypatch, steps):
    """So that a fit which never converges, as on raw spectra, is that of the published code."""
    monkeypatch.setattr(models, "ITERATIONS", steps)
    features, attacked = sample(40, 300, 4)
    features *= np.geomspace(0.1, 30, 300, dtype=np.float32)
    model = fit(Logistic(), features, attacked)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        known = LogisticRegression(max_iter=steps).fit(features.astype(np.float64), attacked)
    assert known.n_iter_ == [steps]
    assert np.allclose(model.weights, known.coef_[0], atol=1e-9)


def test_an_unfinished_fit_and_constant_columns_say_nothing():
    features, attacked = sample(30, 100, 6)
    features = 1e4 * features + 1e5
    features[:, :50] = 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for maker in MAKERS.values():
            scores = fit(maker(), features, attacked).score(features)
            assert np.isfinite(scores).all()
        fit(Logistic(), np.zeros((30, 100), np.float32), attacked)


def weak(seed: int):
    """Images to learn from, to choose with and to test, of which a few of many numbers tell a little."""
    draws = np.random.default_rng(seed)
    slope = draws.normal(size=25) * (draws.random(25) < draws.uniform(0.1, 1))
    slope *= draws.uniform(0.1, 2) / np.sqrt(np.square(slope).sum() + 0.01)
    units = draws.uniform(0.1, 100, 25)

    def some(count: int):
        attacked = np.arange(count) % 3 > 0
        features = draws.normal(size=(count, 25)) + attacked[:, None] * slope
        return (units * features + 5).astype(np.float32), attacked

    return some(30), some(30), some(20)


def by_scikit_learn(features, attacked, cost):
    """Scaling and regression with one cost of an error, clean and attacked images counting alike."""
    pipeline = make_pipeline(StandardScaler(), LogisticRegression(C=cost, max_iter=10_000))
    weights = {"logisticregression__sample_weight": weights_of(attacked)}
    return pipeline.fit(features.astype(np.float64), attacked, **weights)


def area(scores: np.ndarray, attacked: np.ndarray) -> float:
    """The share of pairs of which the attacked one scores higher, ties counting half."""
    apart = scores[attacked][:, None] - scores[~attacked]
    return float((apart > 0).mean() + (apart == 0).mean() / 2)


def test_scaled_takes_the_penalty_of_the_largest_area_on_images_it_did_not_learn_from():
    taken, otherwise = set(), np.zeros(2)
    for seed in range(12):
        samples = weak(seed)
        learning, choosing, testing = samples
        tried = [by_scikit_learn(*learning, cost).predict_proba for cost in sorted(COSTS)]
        # Of equally good ones the first, that of the smallest cost.
        wanted, *others = (
            int(np.argmax([area(one(images)[:, 1], attacked) for one in tried]))
            for images, attacked in (choosing, learning, testing)
        )
        model = Scaled()
        model.fit(learning, choosing, seed=0)
        assert float(model.arrays()["cost"]) == sorted(COSTS)[wanted]
        expected = tried[wanted](testing[0])[:, 1]
        assert np.allclose(model.score(testing[0]), expected, atol=2e-3)
        assert np.allclose(np.diff(testing[0] @ model.slope()), np.diff(logit(expected)), atol=0.02)
        taken.add(wanted)
        otherwise += wanted != np.array(others)
    assert len(taken) == len(COSTS), "every penalty must be the best of some images"
    assert otherwise.min() > 3, "other images must choose otherwise"


def test_neighbours_take_the_number_and_balance_of_the_largest_area_on_choosing_images():
    taken = set()
    for seed in range(4):
        learning, (choosing, chosen), _ = weak(seed)
        found, tried = Neighbours(10), Neighbours(10)
        for model in (found, tried):
            model.fit(learning, (choosing, chosen), seed=0)
        areas = {}
        for tried.balance in BALANCES:
            for tried.count in {min(count, 30) for count in NEIGHBOURS}:
                areas[tried.count, tried.balance] = area(tried.score(choosing), chosen)
        assert areas[found.count, found.balance] == pytest.approx(max(areas.values()))
        assert max(areas.values()) > min(areas.values()) + 0.05
        taken.add((found.count, found.balance))
    assert len(taken) > 2, "the choice must matter"


def test_of_equally_good_choices_neighbours_take_the_most_and_the_plainest_balance():
    features, attacked = sample(200, 4, 5)
    features += 100 * attacked[:, None]
    model = Neighbours(2)
    model.fit((features, attacked), (features, attacked), seed=0)
    assert (model.count, model.balance) == (max(NEIGHBOURS), 1.0)


def test_kernel_is_scikit_learn_s_machine_on_scaled_features():
    features, attacked = sample(80, 6, 7)
    features *= np.array([1, 10, 100, 1, 1, 0], np.float32)
    model = fit(Kernel(0.5, 2.0), features, attacked)
    scaler = MinMaxScaler().fit(features)
    known = SVC(C=2.0, gamma=0.5).fit(scaler.transform(features), attacked)
    tests = features[::-1] + np.float32(0.1)
    border = known.decision_function(scaler.transform(tests))
    scores = model.score(tests)
    assert np.allclose(logit(scores), border, atol=1e-4)
    assert np.array_equal(scores > 0.5, expit(border) > 0.5)


def brute_force(model: Neighbours, row: np.ndarray) -> float:
    """The score of one row, in float64 by the definition."""
    cut, known = model.divide, model.features.astype(np.float64)
    parts = [slice(None, cut), slice(cut, None)]
    variances = [known[:, part].var(0).sum() for part in parts]
    apart = [((known[:, part] - row[part]) ** 2).sum(1) for part in parts]
    length = np.sqrt(apart[0] / variances[0] + model.balance**2 * apart[1] / variances[1])
    near = np.argsort(length)[: model.count]
    votes = weights_of(model.attacked)[near] / length[near]
    return float(votes[model.attacked[near]].sum() / votes.sum())


def test_neighbours_vote_by_nearness_and_alike():
    model = fit(Neighbours(4), *sample(70, 9, 8, clean_share=0.7))
    tests, _ = sample(20, 9, 9)
    for count, balance in ((1, 1.0), (9, 0.1), (51, 3.0)):
        model.count, model.balance = count, balance
        assert np.allclose(model.score(tests), [brute_force(model, row) for row in tests])


def test_neighbours_by_hand():
    features = np.array([[0, 0], [1, 0], [4, 0], [5, 0]], np.float32)
    model = Neighbours(1)
    model.features, model.attacked = features, np.array([False, False, True, True])
    model.count = 3
    # At 2: clean ones at distances 1 and 2, an attacked one at 2; spread does not matter to shares.
    assert model.score(np.array([[2, 0]], np.float32))[0] == pytest.approx(0.5 / (1 + 0.5 + 0.5))
    assert model.score(features[2:3])[0] > 0.999


@pytest.mark.parametrize("useful", [0, 1])
def test_the_balance_turns_to_the_part_that_tells(useful):
    draws = np.random.default_rng(0)

    def noisy(count: int):
        attacked = np.arange(count) % 2 == 1
        parts = [
            draws.normal(size=(count, 8)),
            draws.normal(size=(count, 1)) + 3 * attacked[:, None],
        ]
        return np.hstack(parts if useful else parts[::-1]).astype(np.float32), attacked

    model = Neighbours(8 if useful else 1)
    model.fit(noisy(200), noisy(200), seed=0)
    assert model.balance > 1 if useful else model.balance < 1
    tests, attacked = noisy(200)
    assert roc_auc_score(attacked, model.score(tests)) > 0.95


def test_units_of_a_part_do_not_matter():
    features, attacked = sample(60, 8, 10)
    tests, _ = sample(30, 8, 11)
    scale = np.repeat([1.0, 1024.0], [3, 5]).astype(np.float32)
    one, other = Neighbours(3), Neighbours(3)
    choosing, chosen = sample(40, 8, 12)
    one.fit((features, attacked), (choosing, chosen), seed=0)
    other.fit((features * scale, attacked), (choosing * scale, chosen), seed=0)
    assert (one.count, one.balance) == (other.count, other.balance)
    assert np.allclose(one.score(tests), other.score(tests * scale))


def test_an_unknown_model_is_refused():
    with pytest.raises(UnknownNameError, match="Did you mean 'logistic'"):
        model_of("logistics", {})
