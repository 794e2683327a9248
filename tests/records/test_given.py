"""Experiments on a network that is given along: found again by its weights, and known to that run alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
import torch
from torch import nn

import engine
from engine.classifiers import card, cards, load_classifier
from engine.classifiers.given import giving
from engine.errors import ParameterError, WeightsError
from engine.experiments.base import Context, Findings, Spec
from engine.records import Store, run

SURVEY = engine.Survey(dataset="digits", limit=20)


def network(seed: int = 0) -> engine.Classifier:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        module = nn.Sequential(nn.Flatten(), nn.Linear(64, 10))
    return engine.wrap(module, classes=10, input_shape=(1, 8, 8), name="mine", device="cpu")


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(tmp_path, shipped=None)


def test_its_record_is_found_again_and_not_that_of_other_weights(store: Store) -> None:
    clf = network()
    record = engine.run(SURVEY, classifier=clf, store=store)
    assert record.spec.classifier == "wrapped:mine"
    assert record.environment["device"] == "cpu"
    pixels, _ = engine.load_dataset("digits")[record.arrays["index"]]
    assert (record.arrays["prediction"] == clf(pixels).argmax(1).numpy()).all()
    again = engine.run(SURVEY, classifier=network(), store=store)
    assert (again.key, again.created) == (record.key, record.created)
    other = engine.run(SURVEY, classifier=network(1), store=store)
    assert other.key != record.key
    assert len(store.records()) == 2


def test_a_known_classifier_keeps_its_records(store: Store) -> None:
    spec = engine.Survey(classifier="digits-vgg", dataset="digits", limit=20)
    record = run(spec, store=store)
    clf = load_classifier("digits-vgg", "cpu")
    assert run(SURVEY, classifier=clf, store=store).created == record.created


def test_outside_its_run_nobody_knows_it(store: Store) -> None:
    record = engine.run(SURVEY, classifier=network(), store=store)
    with pytest.raises(WeightsError, match="wrapped:mine is a network that somebody wrapped"):
        run(record.spec, store=store)
    assert Store(store.root, shipped=None).find(record.key).summary == record.summary


def test_threads_do_not_see_each_other_s() -> None:
    ours, theirs = network(0), network(1)
    with giving(ours), ThreadPoolExecutor(1) as pool:
        with pytest.raises(WeightsError):
            pool.submit(card, "wrapped:mine").result()

        def inside() -> str:
            with giving(theirs):
                return cards.digest("wrapped:mine")

        assert pool.submit(inside).result() == theirs.digest
        assert cards.digest("wrapped:mine") == ours.digest
        assert load_classifier("wrapped:mine") is ours


@dataclass(frozen=True)
class Unclassified(Spec):
    """An experiment that has no classifier."""

    kind = "unclassified"
    title = "Unclassified"

    def compute(self, context: Context) -> Findings:
        return Findings()

    def digests(self) -> dict[str, str]:
        return {}


def test_an_experiment_without_a_classifier_takes_none(store: Store) -> None:
    with pytest.raises(ParameterError, match="'unclassified', which has no classifier"):
        run(Unclassified(), classifier=network(), store=store)
