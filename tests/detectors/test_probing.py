"""Steps keep what they must keep; what an image looks like is what numpy says of it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter, median_filter

from engine.detectors.probing import (
    BANDS,
    CORNER,
    QUANTILES,
    STEPS,
    TINY,
    appearance,
    median,
    rings,
)
from engine.detectors.probing import smoothed as smooth

IMAGES = torch.from_numpy(np.random.default_rng(0).random((3, 3, 12, 16), dtype=np.float32))
NOISE = torch.zeros(2, 3, 12, 16)


@pytest.mark.parametrize("sigma", [0.4, 0.8])
def test_smoothing_is_scipy_s(sigma):
    expected = gaussian_filter(
        IMAGES.double().numpy(), (0, 0, sigma, sigma), mode="mirror", radius=(0, 0, 3, 3)
    )
    assert np.allclose(smooth(IMAGES, sigma), expected, atol=1e-6)


def test_the_median_is_scipy_s():
    expected = median_filter(IMAGES.numpy(), (1, 1, 3, 3), mode="mirror")
    assert np.allclose(median(IMAGES), expected, atol=1e-7)


@pytest.mark.parametrize("name", STEPS)
def test_a_step_leaves_a_plain_image_as_it_is(name):
    plain = torch.full((1, 3, 12, 16), 0.25)
    assert torch.allclose(STEPS[name](plain, NOISE), plain, atol=1e-6)


def test_steps_are_what_their_names_say():
    noise = torch.from_numpy(np.random.default_rng(1).normal(size=(2, 3, 12, 16))).float()
    pixels = IMAGES.double().numpy()

    def blurred(sigma):
        return gaussian_filter(pixels, (0, 0, sigma, sigma), mode="mirror", radius=(0, 0, 3, 3))

    expected = {
        **{f"smoothed by {sigma} pixels": blurred(sigma) for sigma in (0.4, 0.6, 0.8, 1.2)},
        "sharpened": 2 * pixels - blurred(0.6),
        "median": median_filter(pixels, (1, 1, 3, 3), mode="mirror"),
        "mirrored": pixels[..., ::-1],
        "shifted by a column": np.roll(pixels, 1, axis=3),
        "shifted by a row": np.roll(pixels, 1, axis=2),
        "with noise of 0.02": pixels + 0.02 * noise[0].numpy(),
        "with noise of 0.04": pixels + 0.04 * noise[1].numpy(),
    }
    assert set(expected) == set(STEPS)
    for name, step in STEPS.items():
        assert np.allclose(step(IMAGES, noise), expected[name], atol=1e-5), name


def test_rings_are_brute_force_and_each_frequency_is_in_one():
    logs = np.log(np.abs(np.fft.fft2(IMAGES.double().numpy())) + TINY)
    height, width = IMAGES.shape[2:]
    where = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)[None])
    ring = np.minimum((where / CORNER * BANDS).astype(int), BANDS - 1)
    expected = [logs[:, :, ring == k].mean(2) for k in range(BANDS) if (ring == k).any()]
    assert np.allclose(rings(IMAGES), np.concatenate(expected, axis=1), atol=1e-4)


def test_appearance_tells_the_residual_and_the_agreement_of_channels():
    grey = IMAGES[:, :1].expand(-1, 3, -1, -1)
    of_colour, of_grey = (
        appearance(images)["residual of a median filter"] for images in (IMAGES, grey)
    )
    residual = (IMAGES - median(IMAGES)).abs().flatten(1).double().numpy()
    found = of_colour[:, : len(QUANTILES)]
    assert np.allclose(found, np.quantile(residual, QUANTILES, axis=1).T, atol=1e-5)
    agreement = slice(len(QUANTILES), None)
    assert np.allclose(of_grey[:, agreement], 1, atol=1e-3)
    assert (of_colour[:, agreement] < 0.9).all()


def test_appearance_has_a_gradient_and_one_channel_is_enough():
    images = IMAGES[:, :1].clone().requires_grad_()
    torch.cat([*appearance(images).values()], dim=1).sum().backward()
    assert torch.isfinite(images.grad).all()
    assert float(images.grad.abs().sum()) > 0
