"""Transforms move images as they say: by shifts, scales and angles that are seeded and in proportion."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from engine.synthesis.settings import SynthesisSettings
from engine.synthesis.transforms import Transforms, maps_of, resampled
from tests.networks import random_images

STILL = SynthesisSettings(jitter=0, scale=0, rotation=0, late_jitter=0)


def applied(settings: SynthesisSettings, draws: list[float], images: torch.Tensor) -> torch.Tensor:
    shape = tuple(images.shape[1:])
    maps = maps_of(np.array([[draws]] * len(images)), settings, shape)
    return Transforms(torch.from_numpy(maps).float()).apply(images, 0)


@pytest.mark.parametrize("shape", [(3, 9, 9), (1, 8, 8), (3, 6, 11)])
def test_transforms_keep_shape_and_range_and_are_seeded(shape):
    images = random_images(2, shape)
    first, again, other = (
        Transforms.drawn(SynthesisSettings(), shape, seed, 2, 4) for seed in (0, 0, 1)
    )
    seen = first.apply(images, 3)
    assert seen.shape == images.shape
    assert 0 <= float(seen.min()) <= float(seen.max()) <= 1
    assert torch.equal(seen, again.apply(images, 3))
    assert not torch.equal(seen, other.apply(images, 3))
    assert not torch.equal(seen, first.apply(images, 2))


def test_an_image_s_transforms_do_not_depend_on_the_others():
    images = random_images(5)
    many = Transforms.drawn(SynthesisSettings(), (3, 6, 5), 0, 5, 3)
    few = Transforms.drawn(SynthesisSettings(), (3, 6, 5), 0, 3, 3)
    rows = torch.tensor([0, 2])
    together = many.apply(images, 1)
    assert torch.equal(few.apply(images[:3], 1), together[:3])
    assert torch.allclose(many.take(rows).apply(images[rows], 1), together[rows], atol=1e-6)


def test_a_gpu_resamples_as_pytorch_does_and_so_do_its_gradients():
    images = random_images(2, (3, 7, 10)).double().requires_grad_()
    grid = 1.4 * (2 * torch.rand(2, 7, 10, 2, generator=torch.Generator().manual_seed(0)) - 1)
    ways = (resampled, partial(F.grid_sample, align_corners=False))
    ours, theirs = (way(images, grid.double()) for way in ways)
    assert torch.allclose(ours, theirs, atol=1e-12)
    slopes = (torch.autograd.grad(one.square().sum(), images)[0] for one in (ours, theirs))
    assert torch.allclose(*slopes, atol=1e-12)


def test_without_width_nothing_moves():
    images = random_images(2, (3, 7, 10))
    assert torch.allclose(applied(STILL, [1, 1, 1, 1, 1, 1], images), images, atol=1e-5)


def test_a_shift_of_whole_pixels_rolls_the_image_and_brings_in_grey():
    """At 224 pixels the width of the jitter is in pixels: at 1, by half of it."""
    images = random_images(1, (1, 224, 224))
    settings = SynthesisSettings(jitter=8, scale=0, rotation=0, late_jitter=0)
    seen = applied(settings, [1, 0, 0, 0, 0, 0], images)
    assert torch.allclose(seen[..., 4:], images[..., :-4], atol=1e-4)
    assert torch.allclose(seen[..., :4], torch.full((1, 1, 224, 4), 0.5), atol=1e-4)
    down = applied(settings, [0, -0.5, 0, 0, 0, 0], images)
    assert torch.allclose(down[..., :-2, :], images[..., 2:, :], atol=1e-4)


def test_shifts_are_in_proportion_to_the_side():
    images = random_images(1, (1, 28, 28))
    settings = SynthesisSettings(jitter=0, scale=0, rotation=0, late_jitter=16)
    seen = applied(settings, [0, 0, 0, 0, 1, 0], images)  # 16 / 2 at 224 is 1 pixel at 28
    assert torch.allclose(seen[..., 1:], images[..., :-1], atol=1e-4)


@pytest.mark.parametrize("shape", [(1, 9, 9), (1, 8, 8)])
def test_a_quarter_turn_is_one_clockwise(shape):
    images = random_images(1, shape)
    settings = SynthesisSettings(jitter=0, scale=0, rotation=90, late_jitter=0)
    turned = applied(settings, [0, 0, 0, 1, 0, 0], images)
    assert torch.allclose(turned, torch.rot90(images, -1, (2, 3)), atol=1e-4)


def test_scaling_by_half_keeps_a_frame_of_grey():
    images = torch.ones(1, 1, 8, 8)
    settings = SynthesisSettings(jitter=0, scale=0.5, rotation=0, late_jitter=0)
    small = applied(settings, [0, 0, -1, 0, 0, 0], images)[0, 0]
    assert torch.allclose(small[3:5, 3:5], torch.ones(2, 2), atol=1e-5)
    assert torch.allclose(small[0], torch.full((8,), 0.5), atol=1e-5)
