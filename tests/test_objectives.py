"""Objectives are the formulas of METHOD, and add and scale as numbers do."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.objectives import (
    CrossEntropy,
    Deviation,
    Diversity,
    DotCosine,
    HighFrequency,
    Logit,
)
from tests.networks import random_images

LOGITS = torch.tensor([[1.0, 2.0, -1.0], [0.0, 0.5, 3.0]])


def test_cross_entropy_by_hand():
    value = CrossEntropy(torch.tensor([1, 0]))(random_images(2), LOGITS).numpy()
    odds = np.exp(LOGITS.numpy())
    assert np.allclose(value, -np.log(odds[[0, 1], [1, 0]] / odds.sum(1)), atol=1e-6)


def test_high_frequency_by_hand():
    image = torch.zeros(1, 2, 2, 3)
    image[0, 0] = torch.tensor([[0.0, 1.0, 1.0], [0.0, 1.0, 3.0]])
    assert HighFrequency()(image, LOGITS[:1]).item() == 1 + 0 + 1 + 4 + 0 + 0 + 4
    assert HighFrequency()(torch.ones(1, 3, 4, 4), LOGITS[:1]).item() == 0


def test_deviation_is_the_mean_square():
    a, b = random_images(2), random_images(2, seed=1)
    expected = ((a - b) ** 2).reshape(2, -1).mean(1)
    assert torch.allclose(Deviation(b)(a, LOGITS), expected)


def test_sums_scale_and_take_problem_by_problem():
    a, b = random_images(2), random_images(2, seed=1)
    targets = torch.tensor([1, 0])
    terms = (
        CrossEntropy(targets),
        Deviation(b),
        HighFrequency(),
        Logit(targets),
        DotCosine(targets),
    )
    weights = (1.0, 0.1, 1e-3, 0.2, 2.0)
    total = sum((w * term for w, term in zip(weights[1:], terms[1:], strict=True)), terms[0])
    by_hand = sum(w * term(a, LOGITS) for w, term in zip(weights, terms, strict=True))
    assert torch.allclose(total(a, LOGITS), by_hand)
    rows = torch.tensor([1])
    assert torch.allclose(total.take(rows)(a[rows], LOGITS[rows]), by_hand[rows])


def test_a_logit_is_raised_as_it_is():
    assert Logit(torch.tensor([2, 1]))(random_images(2), LOGITS).tolist() == [1.0, -0.5]


def test_dot_cosine_by_hand():
    """Row 0, class 1: z = 2, |z| = sqrt 6. Row 1, class 0: the cosine 0 counts as 0.1, the dot is 0."""
    value = DotCosine(torch.tensor([1, 0]))(random_images(2), LOGITS)
    assert value.tolist() == pytest.approx([-2 * (2 / 6**0.5) ** 0.5, 0.0], abs=1e-6)
    squared = DotCosine(torch.tensor([2, 2]), power=2.0)(random_images(2), LOGITS)
    cosine = 3 / (0.5**2 + 3**2) ** 0.5
    # A negative logit has a cosine below 0.1, so the floor of 0.1 stands in for it.
    assert squared.tolist() == pytest.approx([1 * 0.1**2, -3 * cosine**2], abs=1e-6)


def test_dot_cosine_with_power_zero_is_the_logit():
    targets = torch.tensor([1, 2])
    images = random_images(2)
    assert torch.equal(DotCosine(targets, 0.0)(images, LOGITS), Logit(targets)(images, LOGITS))


def test_diversity_is_the_mean_cosine_with_the_others():
    images = random_images(3)
    flat = images.double() - images.double().mean(dim=(2, 3), keepdim=True)
    flat = flat.reshape(3, -1).numpy()
    unit = flat / np.linalg.norm(flat, axis=1, keepdims=True)
    cosines = unit @ unit.T
    expected = (cosines.sum(1) - 1) / 2
    assert Diversity()(images, LOGITS).tolist() == pytest.approx(list(expected), abs=1e-6)
    assert Diversity()(images[:1], LOGITS).tolist() == [0]
    tinted = images[:1] + torch.tensor([0.1, -0.2, 0.3]).reshape(1, 3, 1, 1)
    twins = Diversity()(torch.cat([images[:1], tinted]), LOGITS)
    assert twins.tolist() == pytest.approx([1, 1], abs=1e-5)


def test_diversity_pushes_each_image_from_where_the_others_are():
    images = random_images(2).requires_grad_(True)
    (both,) = torch.autograd.grad(Diversity()(images, LOGITS).sum(), images)
    alone = images.detach().clone()[:1].requires_grad_(True)
    pair = torch.cat([alone, images.detach()[1:]])
    (first,) = torch.autograd.grad(Diversity()(pair, LOGITS)[0], alone)
    assert torch.allclose(both[:1], first, atol=1e-8)
