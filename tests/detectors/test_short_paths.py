"""Short paths: every point is worked out anew in float64, and leads where it is said to lead."""

from __future__ import annotations

from copy import deepcopy

import numpy as np
import pytest
import torch

from engine.detectors.detecting import make_detector
from engine.detectors.probing import STEPS, TINY, appearance
from engine.detectors.references import References
from engine.detectors.short_paths import COMPARED, WAYS
from tests.detectors.small import SHAPE, Small, layers_of, small_classifier
from tests.networks import random_images

CLASSES = 5
IMAGES = random_images(24, SHAPE, seed=2)
EACH = 3 + COMPARED + 2
"""Numbers that are told of a point."""


@pytest.fixture(scope="module")
def classifier():
    """A network that sees all sorts of first and second classes in noise."""
    network = Small(classes=CLASSES)
    with torch.no_grad():
        network.last.weight.mul_(30)
        logits = small_classifier(network=network, classes=CLASSES)(IMAGES)
        network.last.bias -= logits.mean(0)
    return small_classifier(network=network, classes=CLASSES)


@pytest.fixture(scope="module")
def references():
    """Three of each class, in order of increasing loss."""
    labels = torch.arange(CLASSES).repeat_interleave(3)
    return References(random_images(15, SHAPE, seed=1), labels, torch.arange(15.0) % 3)


@pytest.fixture(scope="module", params=["short-paths", "ensemble"])
def detector(request, classifier, references):
    return make_detector(request.param, classifier, references, seed=4)


@pytest.fixture(scope="module")
def order(classifier):
    """Classes from the likeliest to the least likely, (24, 5)."""
    with torch.no_grad():
        order = classifier(IMAGES).argsort(1, descending=True)
    assert all(len(order[:, rank].unique()) == CLASSES for rank in (0, 1))
    return order


def exact(classifier, images: torch.Tensor) -> np.ndarray:
    """Logits in float64."""
    network = deepcopy(classifier.network).double()
    with torch.no_grad():
        return network((images.double() - 0.5) / 0.25).numpy()


def log_probabilities(logits: np.ndarray) -> np.ndarray:
    return logits - np.log(np.exp(logits).sum(-1, keepdims=True))


def looks(image: torch.Tensor) -> list[np.ndarray]:
    return [part[0].numpy() for part in appearance(image[None]).values()]


def brute_force(classifier, image: torch.Tensor, points: list[torch.Tensor]) -> np.ndarray:
    """What is told of one image (C, H, W) and of points, by the definitions."""
    before = exact(classifier, image[None])[0]
    order = np.argsort(-before)
    own = before[order]
    told = [own, own[0] - own[1:3], log_probabilities(own)[:1], *looks(image)]
    for point in points:
        now = exact(classifier, point[None])[0][order]
        lead = now[0] - max(now[1:])
        change = now - own
        told += [
            [log_probabilities(now)[0], lead, *change[:COMPARED]],
            [change.std(ddof=1), max(now)],
        ]
    return np.concatenate(told)


def test_features_are_brute_force(detector, classifier, order):
    kept = torch.from_numpy(detector.constants["references"])
    noise = torch.from_numpy(detector.constants["noise"])
    features = detector.features(IMAGES)
    for k, image in enumerate(IMAGES):
        points = [step(image[None], noise)[0].clamp(0, 1) for step in STEPS.values()]
        for rank, distance in WAYS:
            points.append((1 - distance) * image + distance * kept[order[k, rank]])
        expected = brute_force(classifier, image, points)
        assert np.allclose(features[k, : len(expected)], expected, rtol=1e-3, atol=1e-3)
    assert detector.name == "ensemble" or features.shape[1] == len(expected)


def test_the_ensemble_tells_a_layer_in_a_few_numbers(classifier, references):
    """Of the last of three, which has no height and width: its spectrum is itself."""
    features = make_detector("ensemble", classifier, references).features(IMAGES)
    hidden = layers_of(classifier, IMAGES)[2].detach()
    spectrum = (hidden.abs() + TINY).log().mean(1)
    expected = [hidden.mean(1), hidden.std(1), (hidden > 0).double().mean(1), spectrum]
    assert np.allclose(features[:, -4:], torch.stack(expected, 1), atol=1e-4)


def test_a_path_leads_to_the_likeliest_class_and_one_to_the_second_and_none_to_another(
    detector, order
):
    """Another reference of a class changes the features of those images whose paths lead there."""
    before = detector.features(IMAGES)
    ranks = {rank: set() for rank in range(CLASSES)}
    for label in range(CLASSES):
        other = make_other(detector, label)
        changed = (other.features(IMAGES) != before).any(1)
        for rank in ranks:
            ranks[rank] |= set(changed[(order[:, rank] == label).numpy()].tolist())
    assert ranks == {0: {True}, 1: {True}, 2: {False}, 3: {False}, 4: {False}}


def make_other(detector, label: int):
    """The same detector with another reference of one class."""
    references = detector.constants["references"].copy()
    references[label] = 1 - references[label]
    constants = {**detector.constants, "references": references}
    return type(detector)(detector.classifier, detector.settings, constants)


def test_paths_are_short_and_of_several_lengths():
    assert all(0 < distance < 0.5 for _, distance in WAYS)
    assert len({distance for rank, distance in WAYS if rank == 0}) > 1


def test_the_kept_reference_of_each_class_is_that_of_the_lowest_loss(detector, references):
    assert np.array_equal(detector.constants["references"], references.images[::3])


def test_noise_is_of_unit_variance_the_two_unlike_and_drawn_by_the_seed(
    detector, classifier, references
):
    noise = detector.constants["noise"]
    assert noise.shape == (2, *SHAPE)
    assert noise.std() == pytest.approx(1, abs=0.2)
    assert not np.array_equal(*noise)
    same, other = (
        make_detector(detector.name, classifier, references, seed=seed).constants["noise"]
        for seed in (4, 5)
    )
    assert np.array_equal(same, noise)
    assert not np.array_equal(other, noise)


def test_every_point_takes_one_pass(detector):
    assert detector.forward_passes == 16 + (detector.name == "ensemble")


def test_the_parts_of_a_score_are_its_log_odds(detector):
    """Of each group its own features alone: all groups are all features, and their parts are the sum."""
    features = detector.features(IMAGES)
    columns = np.concatenate(
        [np.arange(features.shape[1])[own] for own in detector.groups.values()]
    )
    assert np.array_equal(columns, np.arange(features.shape[1]))
    draws = np.random.default_rng(0).normal(size=(2, 40, features.shape[1]))
    detector.fit_features(draws[0], draws[1] + 0.5)
    nothing = detector.log_odds(np.zeros((1, features.shape[1])))
    for sample in (features, draws[0]):
        parts = detector.score_parts(sample)
        assert np.allclose(parts.sum(1) + nothing, detector.log_odds(sample))
        odds = detector.score_features(sample)
        assert np.allclose(odds, 1 / (1 + np.exp(-detector.log_odds(sample))))
