"""What detectors can judge: no attack leads out of there, and what looks otherwise is outside."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.datasets import load_dataset
from engine.experiments.detection.computing.world import APPEARANCE, LAYOUT, LOOK, world_of
from engine.images import to_pixels


@pytest.fixture(scope="module")
def images() -> torch.Tensor:
    return torch.from_numpy(to_pixels(load_dataset("shapes", "train").batch(range(900))))


@pytest.fixture(scope="module")
def outside(images: torch.Tensor):
    """The share of images further out than 99 % of ordinary ones, by respect."""
    world = world_of(images[:600])

    def distances(some: torch.Tensor) -> dict[str, np.ndarray]:
        away = {name: of(some) - world[f"{name}/center"] for name, of in APPEARANCE.items()}
        return {
            name: np.einsum("ni,ij,nj->n", one, world[f"{name}/metric"], one)
            for name, one in away.items()
        }

    usual = distances(images[600:])
    return lambda some: {
        name: (far > np.quantile(usual[name], 0.99)).mean() for name, far in distances(some).items()
    }


def test_a_strong_attack_looks_as_before_from_afar(images, outside):
    draws = torch.Generator().manual_seed(0)
    signs = torch.randn(images[600:].shape, generator=draws).sign()
    attacked = (images[600:] + 0.06 * signs).clamp(0, 1)
    assert all(share <= 0.03 for share in outside(attacked).values())


def test_the_same_shades_elsewhere_are_another_layout(images, outside):
    found = outside(images[600:].roll((16, 16), (2, 3)))
    assert found[LAYOUT] > 0.5
    assert found[LOOK] < 0.05, "or another respect would have seen it already"


def test_an_even_image_looks_otherwise(images, outside):
    assert outside(images[600:].mean((2, 3), keepdim=True).expand_as(images[600:]))[LOOK] == 1
