"""Mahalanobis: scores worked out by hand and by brute force, and what mixing does to them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.covariance import ledoit_wolf

from engine.detectors.detecting import make_detector
from engine.detectors.layers import channel_means
from engine.detectors.mahalanobis import Gaussian, tied_gaussian
from engine.detectors.references import References
from engine.errors import DataError
from tests.detectors.small import SHAPE, Small, layers_of, small_classifier
from tests.networks import random_images

REFERENCES = random_images(60, SHAPE, seed=1)
LABELS = torch.arange(3).repeat_interleave(20)
IMAGES = random_images(9, SHAPE, seed=2)
SIZES = {"fgsm": 0.02, "cw": 0.0, "deepfool": 0.005, "others": 0.005}


@pytest.fixture(scope="module")
def classifier():
    return small_classifier(network=Small(overwrites=False))


@pytest.fixture(scope="module")
def references():
    return References(REFERENCES, LABELS, torch.zeros(60))


@pytest.fixture(scope="module")
def corrected(classifier, references):
    return make_detector("mahalanobis", classifier, references, **SIZES)


def test_a_score_by_hand():
    # Classes at (0, 0) and (4, 0); the covariance is diag(4, 1), its inverse's factor diag(1/2, 1).
    factor = torch.diag(torch.tensor([0.5, 1.0])).double()
    means = torch.tensor([[0.0, 0.0], [4.0, 0.0]]).double()
    gaussian = Gaussian(means @ factor, factor)
    values = torch.tensor([[0.0, 0.0], [1.0, 1.0], [3.0, 2.0]])
    assert gaussian.score(values).tolist() == [0, -0.5 * (0.25 + 1), -0.5 * (0.25 + 4)]


def test_means_and_a_factor_of_the_inverse_covariance():
    draws = np.random.default_rng(0)
    labels = np.repeat([0, 1], 400)
    spread = np.array([[2.0, 0.0], [1.0, 0.5]])
    values = draws.normal(size=(800, 2)) @ spread.T + np.where(labels, 10, 0)[:, None]
    means, factor = tied_gaussian(values, labels)
    assert np.allclose(means, [values[:400].mean(0), values[400:].mean(0)])
    assert np.allclose(np.linalg.inv(factor @ factor.T), spread @ spread.T, rtol=0.1, atol=0.1)


def test_fewer_references_than_channels_and_dead_channels_leave_scores_finite():
    values = np.random.default_rng(0).normal(size=(6, 20))
    _, factor = tied_gaussian(values, np.arange(6) % 2)
    assert factor.shape == (20, 20)
    assert np.isfinite(factor).all()
    means, factor = tied_gaussian(np.zeros((6, 20)), np.arange(6) % 2)
    assert factor.shape == (20, 0)
    scores = Gaussian(*(torch.from_numpy(a) for a in (means @ factor, factor))).score(
        torch.ones(3, 20)
    )
    assert scores.tolist() == [0, 0, 0]


def gaussians_of(classifier) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Class means and precision of every layer, in float64 by the definitions."""
    found = []
    for layer in layers_of(classifier, REFERENCES):
        values = channel_means(layer).detach()
        means = torch.stack([values[label == LABELS].mean(0) for label in range(3)])
        covariance, _ = ledoit_wolf((values - means[LABELS]).numpy(), assume_centered=True)
        found.append((means, torch.from_numpy(np.linalg.inv(covariance))))
    return found


def brute_force(classifier, size: float) -> np.ndarray:
    """Scores (N, 3) in float64: each image by itself, moved along its own gradient."""
    scores = np.empty((len(IMAGES), 3))
    for layer, (means, precision) in enumerate(gaussians_of(classifier)):

        def score(image, layer=layer, means=means, precision=precision):
            apart = channel_means(layers_of(classifier, image)[layer]) - means
            return max(-0.5 * row @ precision @ row for row in apart)

        for number, image in enumerate(IMAGES.double()):
            pixels = image[None].clone().requires_grad_()
            (gradient,) = torch.autograd.grad(score(pixels), pixels)
            moved = image[None] + size * torch.where(gradient > 0, 1, -1)
            scores[number, layer] = score(moved).detach()
    return scores


@pytest.mark.parametrize("attack", ["fgsm", "cw", "deepfool", "pgd", ""])
def test_features_are_brute_force_at_the_size_of_the_attack(classifier, corrected, attack):
    features = corrected.features(IMAGES)
    assert features.shape == (9, 3 * 3)
    found = features[:, corrected.columns(attack)]
    expected = brute_force(classifier, SIZES.get(attack, SIZES["others"]))
    assert np.allclose(found, expected, rtol=1e-3)


def test_moving_an_image_raises_its_score(corrected):
    features = corrected.features(IMAGES)
    still, little = (features[:, corrected.columns(attack)] for attack in ("cw", "deepfool"))
    assert (little > still).all()


def test_equal_sizes_are_measured_once(classifier, references, corrected):
    assert (corrected.forward_passes, corrected.backward_passes) == (1 + 3 * 3, 3)
    one = dict.fromkeys(SIZES, 0.01)
    same = make_detector("mahalanobis", classifier, references, **one)
    assert (same.forward_passes, same.backward_passes) == (1 + 3, 3)
    assert same.features(IMAGES).shape == (9, 3)
    assert same.columns("fgsm") == same.columns("other") == slice(0, 3)


def test_published_mixes_images_between_layers_and_nothing_else(classifier, references, corrected):
    published = make_detector("mahalanobis", classifier, references, variant="published", **SIZES)
    own = corrected.features(IMAGES).reshape(9, 3, 3)
    mixed = published.arrange(published.features(IMAGES)).reshape(9, 3, 3)
    orders = []
    for layer in range(3):
        (order,) = {
            tuple(np.argmax((own[:, size, layer] == score[:, None]), axis=1))
            for size, score in enumerate(mixed[:, :, layer].T)
        }
        assert sorted(order) == list(range(9))
        assert np.array_equal(mixed[:, :, layer], own[list(order), :, layer])
        orders.append(order)
    assert len(set(orders)) == 3
    again = published.arrange(published.features(IMAGES))
    assert np.array_equal(again.reshape(9, 3, 3), mixed)
    # An image alone is mixed with none.
    alone = corrected.features(IMAGES[:1])
    assert np.array_equal(published.arrange(alone), alone)


def test_one_reference_a_class_is_refused(classifier):
    alone = References(REFERENCES[::20], LABELS[::20], torch.zeros(3))
    with pytest.raises(
        DataError, match="at least two references of some class, got 3 references of 3 classes"
    ):
        make_detector("mahalanobis", classifier, alone)
