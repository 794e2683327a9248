"""Parameterisations against sums written out: the inverse transform, the colours, the start."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.synthesis.parameterisations import (
    COLOURS,
    DAMPING,
    PARAMETERISATIONS,
    Fourier,
    Pixels,
    colours,
)

SHAPES = [(3, 6, 6), (1, 8, 8), (3, 7, 5), (1, 5, 8)]


def direct_image(parameters: np.ndarray, height: int, width: int) -> np.ndarray:
    """The real image with the given half spectrum, (C, H, W), as a sum over all frequencies.

    The coefficient of (u, v) beyond the half is the conjugate of that of (-u, -v); what the half
    itself holds twice (v = 0 and, for even widths, v = W / 2) counts with its Hermitian part.
    """
    rows, columns = np.mgrid[:height, :width]
    total = np.zeros((len(parameters), height, width))
    for u in range(height):
        for v in range(width // 2 + 1):
            fy = (u if u <= height / 2 else u - height) / height
            scale = 1 / max(np.hypot(fy, v / width), 1 / max(height, width))
            real, imaginary = parameters[:, u, v, 0, None, None], parameters[:, u, v, 1, None, None]
            angle = 2 * np.pi * (u * rows / height + v * columns / width)
            twice = 1 if v == 0 or 2 * v == width else 2
            wave = real * np.cos(angle) - imaginary * np.sin(angle)
            total += twice * scale * wave
    return total / np.sqrt(height * width)


@pytest.mark.parametrize("shape", SHAPES)
def test_fourier_is_the_scaled_inverse_transform(shape):
    form = Fourier(shape, decorrelate=False)
    parameters = form.start(seed=1, count=2, noise=0.3)
    images = form.images(parameters).numpy()
    for k in range(2):
        direct = direct_image(parameters[k].double().numpy(), *shape[1:])
        assert np.allclose(images[k], 1 / (1 + np.exp(-direct / DAMPING)), atol=1e-5)


def test_decorrelation_mixes_the_colours_of_every_pixel():
    plain, mixed = Fourier((3, 6, 4), decorrelate=False), Fourier((3, 6, 4))
    parameters = plain.start(seed=0, count=1, noise=0.5)
    before, after = (torch.logit(form.images(parameters).double())[0] for form in (plain, mixed))
    matrix = np.array(COLOURS) / np.linalg.norm(np.array(COLOURS), axis=0).max()
    expected = np.einsum("rk,khw->rhw", matrix, before.numpy())
    assert np.allclose(after.numpy(), expected, atol=1e-4)


def test_the_colours_are_those_of_natural_images():
    """The first direction is brightness, the others carry no more than a third of it each."""
    lengths = colours().norm(dim=0)
    assert lengths[0] == pytest.approx(1)
    assert bool((lengths[1:] < 1 / 3).all())
    first = colours()[:, 0]
    assert float(first.max() - first.min()) < 0.05


@pytest.mark.parametrize("name", PARAMETERISATIONS)
@pytest.mark.parametrize("shape", SHAPES)
def test_images_have_the_right_shape_and_range(name, shape):
    form = PARAMETERISATIONS[name](shape)
    images = form.images(form.start(seed=0, count=3, noise=3.0))
    assert tuple(images.shape) == (3, *shape)
    assert images.dtype == torch.float32
    assert 0 <= float(images.min()) < float(images.max()) <= 1


@pytest.mark.parametrize("name", PARAMETERISATIONS)
def test_the_gradient_reaches_every_parameter_that_matters(name):
    form = PARAMETERISATIONS[name]((3, 6, 6))
    parameters = form.start(seed=0, count=1, noise=0.1).requires_grad_(True)
    weights = torch.rand(3, 6, 6, generator=torch.Generator().manual_seed(0))
    (form.images(parameters) * weights).sum().backward()
    moved = parameters.grad != 0
    assert float(moved.float().mean()) > 0.8  # the FFT of a real image has some idle parts


def test_image_k_starts_the_same_however_many_there_are():
    form = Pixels((1, 4, 4))
    many, few = form.start(3, 5, 1.0), form.start(3, 2, 1.0)
    assert torch.equal(many[:2], few)
    assert not torch.equal(many[0], many[1])
    assert not torch.equal(many[:2], form.start(4, 2, 1.0))


def test_the_noise_is_gaussian_with_the_given_deviation():
    draws = Pixels((3, 40, 40)).start(0, 2, 0.25)
    assert float(draws.std()) == pytest.approx(0.25, rel=0.03)
    assert abs(float(draws.mean())) < 0.01
