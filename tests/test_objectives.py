"""Objectives are the formulas of METHOD, and add and scale as numbers do."""

from __future__ import annotations

import numpy as np
import torch

from engine.objectives import CrossEntropy, Deviation, HighFrequency
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
    terms = CrossEntropy(torch.tensor([1, 0])), Deviation(b), HighFrequency()
    total = terms[0] + 0.1 * terms[1] + 1e-3 * terms[2]
    by_hand = terms[0](a, LOGITS) + 0.1 * terms[1](a, LOGITS) + 1e-3 * terms[2](a, LOGITS)
    assert torch.allclose(total(a, LOGITS), by_hand)
    rows = torch.tensor([1])
    assert torch.allclose(total.take(rows)(a[rows], LOGITS[rows]), by_hand[rows])
