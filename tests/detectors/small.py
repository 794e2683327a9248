"""A small network with ReLUs in both forms, and what it computes worked out anew in float64."""

from __future__ import annotations

from copy import deepcopy

import torch
import torch.nn.functional as F
from torch import nn

from engine.classifiers.cards import Card
from engine.classifiers.classifier import Classifier

SHAPE = (3, 6, 5)


class Small(nn.Module):
    """Two convolutions and a hidden layer: ReLUs as a module in place, as a function, as a method."""

    def __init__(self, seed: int = 0, classes: int = 3, overwrites: bool = True) -> None:
        super().__init__()
        self.overwrites = overwrites
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self.first = nn.Conv2d(3, 4, 3, padding=1)
            self.second = nn.Conv2d(4, 6, 3, stride=2)
            self.hidden = nn.Linear(24, 8)
            self.last = nn.Linear(8, classes)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.relu(self.first(x))
        # PyTorch can take no gradient where what a ReLU returned is overwritten.
        x = x.add_(1) if self.overwrites else x + 1
        x = F.relu(self.second(x))
        return self.last(self.hidden(x.flatten(1)).relu())


def small_classifier(seed: int = 0, network: nn.Module | None = None, classes: int = 3):
    """A Classifier of it, or of another network for the same images."""
    card = Card("small", "Small", tuple("abcdefgh"[:classes]), SHAPE, (0.5,) * 3, (0.25,) * 3)
    return Classifier(card, network or Small(seed, classes))


def layers_of(classifier: Classifier, images: torch.Tensor) -> list[torch.Tensor]:
    """The three ReLU outputs in float64, written out."""
    network = deepcopy(classifier.network).double()
    x = (images.double() - 0.5) / 0.25
    one = network.first(x).clamp(min=0)
    two = network.second(one + 1).clamp(min=0)
    return [one, two, network.hidden(two.flatten(1)).clamp(min=0)]
