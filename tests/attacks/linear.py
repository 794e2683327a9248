"""Linear classifiers, whose attacks have closed forms."""

from __future__ import annotations

import torch
from torch import nn

from engine.classifiers.cards import Card
from engine.classifiers.classifier import Classifier

SHAPE = (1, 4, 4)


def linear_classifier(weight: torch.Tensor, bias: torch.Tensor) -> Classifier:
    """Logits `weight @ x + bias` for weight (K, 16), bias (K,); pixels are not normalised."""
    layer = nn.Linear(weight.shape[1], len(weight))
    with torch.no_grad():
        layer.weight.copy_(weight)
        layer.bias.copy_(bias)
    card = Card(
        name="linear",
        title="Linear",
        classes=tuple("abcdefgh"[: len(weight)]),
        input_shape=SHAPE,
        mean=(0.0,),
        std=(1.0,),
    )
    return Classifier(card, nn.Sequential(nn.Flatten(), layer))


def random_linear(classes: int = 4, scale: float = 4.0, seed: int = 0) -> Classifier:
    """Random weights with borders that run through the middle of the cube."""
    generator = torch.Generator().manual_seed(seed)
    weight = scale * torch.randn(classes, 16, generator=generator)
    return linear_classifier(weight, -weight.sum(1) / 2)


def parameters_of(classifier: Classifier) -> tuple[torch.Tensor, torch.Tensor]:
    """Weight (K, 16) and bias (K,) in float64."""
    layer = classifier.network[1]
    return layer.weight.double(), layer.bias.double()


def inner_images(count: int, seed: int = 1) -> torch.Tensor:
    """Images (count, 1, 4, 4) in [0.3, 0.7], far from where clipping would matter."""
    generator = torch.Generator().manual_seed(seed)
    return 0.3 + 0.4 * torch.rand(count, *SHAPE, generator=generator)


def border_distances(classifier: Classifier, images: torch.Tensor) -> torch.Tensor:
    """L2 distance to each other class's border, |f_k - f_0| / |w_k - w_0|, float64 (N, K - 1)."""
    weight, bias = parameters_of(classifier)
    logits = images.double().flatten(1) @ weight.T + bias
    rows = []
    for row in logits:
        label = int(row.argmax())
        others = [k for k in range(len(row)) if k != label]
        rows.append((row[label] - row[others]) / (weight[others] - weight[label]).norm(dim=1))
    return torch.stack(rows)
