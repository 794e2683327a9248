"""Small networks for tests: made here in a moment, float32 and in float64 for reference."""

from __future__ import annotations

import torch
from torch import nn

from engine.classifiers.cards import Card
from engine.classifiers.classifier import Classifier


def tiny_network(shape: tuple[int, int, int], classes: int, seed: int) -> nn.Module:
    """A random convolutional network with sharp decision borders."""
    torch.manual_seed(seed)
    network = nn.Sequential(
        nn.Conv2d(shape[0], 8, 3, padding=1),
        nn.Tanh(),
        nn.Flatten(),
        nn.Linear(8 * shape[1] * shape[2], 16),
        nn.Tanh(),
        nn.Linear(16, classes),
    )
    with torch.no_grad():
        network[-1].weight.mul_(12)
    return network


def tiny_classifier(
    shape: tuple[int, int, int] = (3, 6, 5), classes: int = 4, seed: int = 0
) -> Classifier:
    """The network above as a Classifier with a mean and a standard deviation of its own."""
    card = Card(
        name="tiny",
        title="Tiny network",
        classes=tuple("abcdefgh"[:classes]),
        input_shape=shape,
        mean=(0.4,) * shape[0],
        std=(0.3,) * shape[0],
    )
    return Classifier(card, tiny_network(shape, classes, seed))


def soft_classifier(shape: tuple[int, int, int] = (3, 6, 5)) -> Classifier:
    """The same with soft borders, so that its gradients are more than rounding for many steps."""
    classifier = tiny_classifier(shape)
    with torch.no_grad():
        classifier.network[-1].weight.div_(6)
    return classifier


def reference_logits(
    images: torch.Tensor, shape: tuple[int, int, int] = (3, 6, 5), classes: int = 4, seed: int = 0
) -> torch.Tensor:
    """The same function in float64, computed from scratch."""
    network = tiny_network(shape, classes, seed).double()
    with torch.no_grad():
        return network((images.double() - 0.4) / 0.3)


def random_images(count: int, shape: tuple[int, int, int] = (3, 6, 5), seed: int = 0):
    """Images (count, C, H, W) in [0, 1]."""
    return torch.rand(count, *shape, generator=torch.Generator().manual_seed(seed))
