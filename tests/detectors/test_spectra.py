"""Spectra are numpy's, of the layers that the published code takes."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import engine
from engine.detectors.computing.models import Kernel, Logistic
from engine.detectors.detecting import make_detector
from engine.detectors.references import References
from engine.detectors.spectra import chosen_layers, magnitudes, phases
from tests.detectors.small import SHAPE, layers_of, small_classifier
from tests.networks import random_images

IMAGES = random_images(9, SHAPE)


@pytest.fixture(scope="module")
def few():
    """References whose labels are not looked at."""
    return References(IMAGES[:2], torch.tensor([0, 1]), torch.zeros(2))


def transformed(maps: torch.Tensor) -> np.ndarray:
    """Numpy's spectrum (N, C, H, W), in float64."""
    return np.fft.fft2(maps.double().numpy(), axes=(-2, -1))


def test_the_image_s_spectrum_is_numpy_s(few):
    detector = make_detector("input-mfs", small_classifier(), few)
    expected = np.abs(transformed(IMAGES)).reshape(9, -1)
    assert np.allclose(detector.features(IMAGES), expected, rtol=1e-6)
    assert detector.forward_passes == 0


@pytest.mark.parametrize("name", ["layer-mfs", "layer-pfs"])
@pytest.mark.parametrize("which", ["alternate", "last"])
def test_layers_spectra_are_numpy_s_one_layer_after_another(few, name, which):
    classifier = small_classifier()
    detector = make_detector(name, classifier, few, layers=which)
    # Of three ReLUs the last, which has no height and width; the first is never looked at.
    hidden = layers_of(classifier, IMAGES)[2][..., None, None]
    spectrum = transformed(hidden)
    expected = np.abs(spectrum) if name == "layer-mfs" else np.angle(spectrum)
    assert np.allclose(detector.features(IMAGES), expected.reshape(9, -1), atol=1e-5)


def test_maps_with_height_and_width_keep_their_order(few):
    network = small_classifier().network
    network.hidden, network.last = torch.nn.Identity(), torch.nn.Linear(24, 3)
    classifier = small_classifier(network=network)
    detector = make_detector("layer-mfs", classifier, few)
    detector.constants["layers"] = np.array([0, 1])
    one, two, *_ = layers_of(small_classifier(), IMAGES)
    expected = [np.abs(transformed(maps)).reshape(9, -1) for maps in (one, two)]
    assert np.allclose(detector.features(IMAGES), np.hstack(expected), atol=1e-4)


def test_a_kernel_machine_sees_each_layer_divided_by_its_largest_value(few):
    classifier = small_classifier()
    raw = make_detector("layer-mfs", classifier, few).features(IMAGES)
    scaled = make_detector("layer-mfs", classifier, few, model="kernel", gamma=0.2, cost=3)
    assert np.allclose(scaled.features(IMAGES), raw / raw.max(1, keepdims=True))
    model = scaled.new_model()
    assert isinstance(model, Kernel)
    assert (model.gamma, model.cost) == (0.2, 3)
    assert isinstance(make_detector("layer-mfs", classifier, few).new_model(), Logistic)


def test_a_layer_of_zeros_has_a_spectrum_of_zeros(few):
    network = small_classifier().network
    with torch.no_grad():
        network.hidden.weight.zero_()
        network.hidden.bias.fill_(-1)
    dead = small_classifier(network=network)
    for name in ("layer-mfs", "layer-pfs"):
        for model in ("logistic", "kernel"):
            assert not make_detector(name, dead, few, model=model).features(IMAGES).any()


@given(
    arrays.arrays(np.float32, (1, 2, 4, 6), elements=st.floats(0, 1, width=32)),
    st.integers(0, 3),
    st.integers(0, 5),
)
def test_a_shift_around_the_border_changes_no_magnitude(maps, down, right):
    there = torch.from_numpy(maps)
    moved = there.roll((down, right), (2, 3))
    assert torch.allclose(magnitudes(there), magnitudes(moved), atol=1e-5)


@given(arrays.arrays(np.float32, (1, 1, 4, 5), elements=st.floats(0, 1, width=32)))
def test_magnitude_and_phase_are_the_whole_spectrum(maps):
    there = torch.from_numpy(maps)
    whole = torch.polar(magnitudes(there).double(), phases(there).double())
    assert np.allclose(whole.numpy(), transformed(there), atol=1e-5)
    assert float(phases(there).abs().max()) <= np.float32(np.pi)


def test_a_negative_real_coefficient_has_the_phase_pi():
    edge = torch.tensor([[[[0.0, 1.0], [0.0, 1.0]]]])
    assert phases(edge)[0, 0].tolist() == [[0, pytest.approx(np.pi)], [0, 0]]
    assert phases(torch.zeros(1, 1, 4, 4)).abs().max() == 0


@pytest.mark.parametrize(
    ("count", "expected"),
    [(13, [2, 4, 6, 8, 10, 12]), (9, [2, 4, 6, 8]), (4, [1, 3]), (2, [1]), (1, [0])],
)
def test_alternate_layers_are_the_published_ones(count, expected):
    assert chosen_layers(count, "alternate").tolist() == expected
    assert chosen_layers(count, "last").tolist() == [count - 1]


def test_vgg_16_has_the_published_number_of_features():
    classifier = engine.load_classifier("untrained:vgg16-cifar10", "cpu")
    images = random_images(2, (3, 32, 32))
    few = References(images, torch.tensor([0, 1]), torch.zeros(2))
    for which, size in (("alternate", 77_824), ("last", 2048)):
        detector = make_detector("layer-pfs", classifier, few, layers=which)
        assert detector.features(images).shape == (2, size)
    assert make_detector("input-mfs", classifier, few).features(images).shape == (2, 3072)
