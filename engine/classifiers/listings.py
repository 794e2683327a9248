"""Listings: the networks that have a name of their own. Adding one is one entry here. No torch.

What is listed is what must be known before any weights are read; the JSON beside the weights adds
what training found out.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from engine.datasets.outlines import OUTLINES
from engine.shipped import ASSETS

Statistics = tuple[float, ...]
"""One number a channel."""

IMAGENET_MEAN: Statistics = (0.485, 0.456, 0.406)
IMAGENET_STD: Statistics = (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class Listing:
    """A named network: its architecture (see `networks`), what it sees, and whether it ships."""

    title: str
    architecture: str
    dataset: str
    input_shape: tuple[int, int, int]
    mean: Statistics
    std: Statistics
    embedded: bool = False
    note: str = ""

    @property
    def classes(self) -> tuple[str, ...]:
        """The class names, in the order of the logits."""
        return class_names(self.dataset)


def class_names(dataset: str) -> tuple[str, ...]:
    """The class names that a network trained on `dataset` tells apart."""
    if dataset == "shapes":
        return tuple(OUTLINES)
    if dataset == "digits":
        return tuple(str(digit) for digit in range(10))
    return tuple(asset("classes.json")[dataset])


@cache
def asset(name: str) -> dict[str, Any]:
    """A table of constants that ships with the software, from its JSON file."""
    values = json.loads((ASSETS / name).read_text(encoding="utf-8"))
    assert isinstance(values, dict)
    return values


def _shapes(title: str, architecture: str, embedded: bool = True) -> Listing:
    mean, std = (0.5, 0.5, 0.5), (0.25, 0.25, 0.25)
    return Listing(title, architecture, "shapes", (3, 32, 32), mean, std, embedded)


def _digits(title: str, architecture: str) -> Listing:
    return Listing(title, architecture, "digits", (1, 8, 8), (0.31,), (0.38,), embedded=True)


def _cifar10(title: str, architecture: str) -> Listing:
    mean, std = (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)
    return Listing(title, architecture, "cifar10", (3, 32, 32), mean, std)


def _cifar100(title: str, architecture: str) -> Listing:
    mean, std = (0.5071, 0.4865, 0.4409), (0.2673, 0.2564, 0.2762)
    return Listing(title, architecture, "cifar100", (3, 32, 32), mean, std)


LISTINGS: dict[str, Listing] = {
    "shapes-resnet": _shapes("Shapes, small ResNet", "small-resnet"),
    "shapes-resnet-robust": _shapes(
        "Shapes, small ResNet that learnt from attacks", "small-resnet", embedded=False
    ),
    "shapes-vgg": _shapes("Shapes, small VGG", "small-vgg"),
    "digits-resnet": _digits("Digits, tiny ResNet", "tiny-resnet"),
    "digits-vgg": _digits("Digits, tiny VGG", "tiny-vgg"),
    "vgg16-cifar10": _cifar10("CIFAR-10, VGG-16-BN", "vgg16-32"),
    "resnet18-cifar10": _cifar10("CIFAR-10, ResNet-18", "resnet18-32"),
    "vgg16-cifar100": _cifar100("CIFAR-100, VGG-16-BN", "vgg16-32"),
    "resnet18-cifar100": _cifar100("CIFAR-100, ResNet-18", "resnet18-32"),
    "googlenet-imagenette": Listing(
        title="Ten ImageNet classes, GoogLeNet",
        architecture="googlenet",
        dataset="imagenette",
        input_shape=(3, 224, 224),
        mean=IMAGENET_MEAN,
        std=IMAGENET_STD,
    ),
}
