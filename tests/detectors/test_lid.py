"""LID is the maximum-likelihood estimate, among the neighbours that each variant names."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.detectors.detecting import make_detector
from engine.detectors.lid import dimensionality, distances
from engine.detectors.references import References
from engine.errors import DataError
from tests.detectors.small import SHAPE, layers_of, small_classifier
from tests.networks import random_images

REFERENCES = random_images(40, SHAPE, seed=1)
IMAGES = random_images(7, SHAPE, seed=2)


@pytest.fixture(scope="module")
def classifier():
    return small_classifier()


@pytest.fixture(scope="module")
def references():
    return References(REFERENCES, torch.zeros(40, dtype=torch.int64), torch.zeros(40))


def brute_force(classifier, images, company, first: int, k: int) -> np.ndarray:
    """LID (N, 3) in float64 by its formula, with neighbours number `first` to `first + k - 1`."""
    columns = []
    for own, other in zip(
        layers_of(classifier, images), layers_of(classifier, company), strict=True
    ):
        column = []
        for image in own:
            lengths = sorted(math.sqrt(float((image - clean).square().sum())) for clean in other)
            near = lengths[first : first + k]
            column.append(-1 / np.mean([math.log(r / near[-1]) for r in near]))
        columns.append(column)
    return np.array(columns).T


def agree(found: np.ndarray, expected: np.ndarray) -> bool:
    """Whether mean logarithms agree, on which rounding acts: LID is minus one over them."""
    return np.allclose(1 / found, 1 / expected, rtol=0, atol=5e-6)


def test_dimensionality_by_hand():
    near = torch.tensor([[1.0, 2.0, 4.0], [1.0, math.e, math.e], [3.0, 3.0, 3.0]]).double()
    # -(log 1/4 + log 1/2 + 0) / 3 = log 2; -(-1 + 0 + 0) / 3 = 1/3; no difference, no estimate.
    assert dimensionality(near).tolist() == pytest.approx([1 / math.log(2), 3, 0])
    some = torch.tensor([[1.0, 2.0, math.inf], [0.0, 1.0, 2.0], [math.inf] * 3]).double()
    assert dimensionality(some).tolist() == pytest.approx([2 / math.log(2), 0, 0])


@given(st.floats(0.5, 12), st.integers(2, 40))
def test_neighbours_of_a_power_law_have_its_dimension(dimension, k):
    # r_i = (i / k)^(1 / d): log(r_i / r_k) = log(i / k) / d, so LID = d k / log(k^k / k!).
    near = torch.arange(1, k + 1, dtype=torch.float64).div(k).pow(1 / dimension)[None]
    expected = dimension * k / (k * math.log(k) - math.lgamma(k + 1))
    assert float(dimensionality(near)) == pytest.approx(expected)


def test_distances_are_euclidean_and_identical_rows_at_zero():
    one = torch.tensor([[3.0, 4.0], [1e3, 1e3 + 1e-4]])
    assert distances(one[:1], torch.zeros(1, 2)).tolist() == [[5]]
    assert distances(one, one).diagonal().tolist() == [0, 0]
    far = 100 * random_images(5, SHAPE).flatten(1)
    near = far + 1e-2
    assert torch.allclose(distances(far, near), torch.cdist(far.double(), near.double()), rtol=1e-6)


@pytest.mark.parametrize("k", [2, 10, 20])
def test_corrected_is_brute_force_among_the_kept_images(classifier, references, k):
    detector = make_detector("lid", classifier, references, neighbours=k, minibatch=25, seed=3)
    kept = torch.from_numpy(detector.constants["company"])
    assert len(kept) == 25
    expected = brute_force(classifier, IMAGES, kept, 0, k)
    assert agree(detector.features(IMAGES), expected)
    # The minibatch that they came in changes nothing.
    assert np.array_equal(detector.features(IMAGES, IMAGES), detector.features(IMAGES))


def test_published_drops_the_nearest_of_the_minibatch_whoever_it_is(classifier, references):
    detector = make_detector("lid", classifier, references, neighbours=5, variant="published")
    clean = random_images(12, SHAPE, seed=4)
    attacked = (clean + 0.01 * random_images(12, SHAPE, seed=5)).clamp(0, 1)
    expected = brute_force(classifier, attacked, clean, 1, 5)
    assert agree(detector.features(attacked, clean), expected)
    # A clean image's nearest is itself, an attacked one's its twin: that is the defect.
    for row, twin in zip(
        layers_of(classifier, attacked), layers_of(classifier, clean), strict=True
    ):
        nearest = torch.cdist(row.flatten(1), twin.flatten(1)).argmin(1)
        assert int((nearest == torch.arange(12)).sum()) > 8


def test_the_variants_differ_in_the_nearest_neighbour_alone(classifier, references):
    values = {"neighbours": 6, "minibatch": 40}
    published, corrected = (
        make_detector("lid", classifier, references, variant=variant, **values)
        for variant in ("published", "corrected")
    )
    kept = torch.from_numpy(corrected.constants["company"])
    # Of an image that is among them, both leave out itself.
    among = published.features(kept), corrected.features(kept)
    assert np.array_equal(*among)
    assert agree(among[0], brute_force(classifier, kept, kept, 1, 6))
    # Of another, the published code leaves out its nearest clean one.
    apart = published.features(IMAGES), corrected.features(IMAGES)
    assert agree(apart[0], brute_force(classifier, IMAGES, kept, 1, 6))
    assert agree(apart[1], brute_force(classifier, IMAGES, kept, 0, 6))
    assert np.abs(apart[0] / apart[1] - 1).min() > 0.01


def test_the_kept_images_are_references_drawn_by_the_seed(classifier, references):
    drawn = [
        make_detector("lid", classifier, references, seed=seed, minibatch=10).constants["company"]
        for seed in (0, 0, 1)
    ]
    assert np.array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[0], drawn[2])
    known = {image.tobytes() for image in REFERENCES.numpy()}
    assert len({image.tobytes() for image in drawn[0]} & known) == 10
    # There are no more than there are.
    every = make_detector("lid", classifier, references, minibatch=100).constants["company"]
    assert np.array_equal(every, REFERENCES.numpy())


def test_a_dead_layer_counts_as_zero_and_two_images_are_no_company(classifier, references):
    network = small_classifier().network
    with torch.no_grad():
        network.hidden.weight.zero_()
    for variant in ("published", "corrected"):
        detector = make_detector(
            "lid", small_classifier(network=network), references, variant=variant
        )
        features = detector.features(IMAGES)
        assert (features[:, :2] > 0).all()
        assert (features[:, 2] == 0).all()
    detector = make_detector("lid", classifier, references, variant="published")
    with pytest.raises(DataError, match="at least 3 clean images, got 2"):
        detector.features(IMAGES, IMAGES[:2])
    with pytest.raises(DataError, match="at least 3 clean images, got 2"):
        make_detector(
            "lid", classifier, References(*(part[:2] for part in vars(references).values()))
        )
