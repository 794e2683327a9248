"""Classifiers: what they are called, what they see, where their weights lie. Imports no torch.

`cards` tells everything that a page needs about a classifier; `load_classifier` builds the network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.classifiers.cards import Card, Presence, card, digest, known_classifiers, presence
from engine.classifiers.checking import check_network
from engine.classifiers.finding import Finding
from engine.classifiers.given import given
from engine.classifiers.labels import Matching, align, labels_of, matching
from engine.progress import SILENT, Reporter

if TYPE_CHECKING:
    from engine.classifiers.classifier import Classifier

__all__ = [
    "Card",
    "Finding",
    "Matching",
    "Presence",
    "align",
    "card",
    "check_network",
    "digest",
    "known_classifiers",
    "labels_of",
    "load_classifier",
    "matching",
    "presence",
]


def load_classifier(name: str, device: str | None = None, report: Reporter = SILENT) -> Classifier:
    """The classifier called `name`, in evaluation mode, on `device` (default: `ISTHMUS_DEVICE`).

    "shapes-resnet", "vgg16-cifar10", "torchvision:googlenet", "untrained:resnet18@3",
    "file:PATH.pt2" and the other names of `known_classifiers()`. Raises UnknownNameError,
    WeightsError (missing, unreadable or wrong weights) or OfflineError (a download is needed).
    """
    if handed := given(name):
        return handed.on(device)
    from engine.classifiers.zoo import load

    return load(name, device, report)
