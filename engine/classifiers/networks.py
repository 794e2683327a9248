"""Networks: the architectures by name, each built from (channels, classes) with random weights.

The layouts for 32 x 32 pixels are DESIGN.md's; weights trained elsewhere in these layouts load.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from threading import Lock
from types import ModuleType
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from engine.classifiers.drawing import Drawing

OPERATORS = ("nms", "qnms")
_SIGNATURE = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"


_IMPORTING = Lock()
"""Two threads that come first at once must not declare the same operators."""


def torchvision() -> ModuleType:
    """The package `torchvision`, imported with its missing operators declared if need be."""
    with _IMPORTING:
        return _imported()


@cache
def _imported() -> ModuleType:
    try:
        import torchvision as package
    except RuntimeError as error:
        if "operator torchvision::" not in str(error):
            raise
        _declared()
        import torchvision as package
    return package


@cache
def _declared() -> torch.library.Library:
    """The library that holds the declarations: they last as long as it is kept."""
    library = torch.library.Library("torchvision", "FRAGMENT")
    for name in OPERATORS:
        library.define(name + _SIGNATURE)
    return library


Builder = Callable[[int, int], nn.Module]
"""(channels of the images, number of classes) -> a network that returns logits (N, classes)."""

AUXILIARY = ("googlenet", "inception_v3")
"""Torchvision's networks with auxiliary classifiers, and slow initial weights of their own."""

DOWN = 0
"""In a VGG's plan: halve height and width here."""


class ConvNorm(nn.Sequential):
    """A 3 x 3 (or 1 x 1) convolution without bias, followed by BatchNorm."""

    def __init__(self, channels: int, width: int, size: int = 3, stride: int = 1) -> None:
        padding = size // 2
        super().__init__(
            nn.Conv2d(channels, width, size, stride, padding, bias=False), nn.BatchNorm2d(width)
        )


class ResidualBlock(nn.Module):
    """Two convolutions and a way around them (He et al. 2016)."""

    def __init__(self, channels: int, width: int, stride: int) -> None:
        super().__init__()
        self.first = ConvNorm(channels, width, stride=stride)
        self.second = ConvNorm(width, width)
        same = channels == width and stride == 1
        self.shortcut = nn.Identity() if same else ConvNorm(channels, width, 1, stride)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        inner = self.second(F.relu(self.first(x), inplace=True))
        return F.relu(inner + self.shortcut(x), inplace=True)


class SmallResNet(nn.Module):
    """A narrow ResNet: one block a stage, the first at full size, each later one at half."""

    def __init__(self, channels: int, classes: int, widths: Sequence[int]) -> None:
        super().__init__()
        self.stem = ConvNorm(channels, widths[0])
        before = (widths[0], *widths)
        self.blocks = nn.Sequential(
            *(
                ResidualBlock(before[stage], width, stride=1 if stage == 0 else 2)
                for stage, width in enumerate(widths)
            )
        )
        self.classifier = nn.Linear(widths[-1], classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        features = self.blocks(F.relu(self.stem(x), inplace=True))
        return self.classifier(features.mean((2, 3)))


class SmallVGG(nn.Module):
    """A narrow VGG with BatchNorm: plain 3 x 3 convolutions, pooling between them, then the mean."""

    def __init__(self, channels: int, classes: int, plan: Sequence[int]) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for width in plan:
            if width == DOWN:
                layers.append(nn.MaxPool2d(2))
            else:
                layers += [*ConvNorm(channels, width), nn.ReLU()]
                channels = width
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Linear(channels, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.classifier(self.features(x).mean((2, 3)))


class VGG16(nn.Module):
    """Torchvision's VGG-16-BN features for 32 x 32 pixels, then one linear layer."""

    def __init__(self, channels: int, classes: int) -> None:
        super().__init__()
        _only_rgb("vgg16", channels)
        self.features = torchvision().models.vgg16_bn().features
        self.classifier = nn.Linear(512, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.classifier(self.features(x).flatten(1))


def resnet18(channels: int, classes: int) -> nn.Module:
    """Torchvision's ResNet-18 for 32 x 32 pixels: a 3 x 3 stem and no pooling after it."""
    network: Any = torchvision().models.resnet18(num_classes=classes)
    network.conv1 = nn.Conv2d(channels, 64, 3, 1, 1, bias=False)
    network.maxpool = nn.Identity()
    return network


def googlenet(channels: int, classes: int) -> nn.Module:
    """Torchvision's GoogLeNet without auxiliary classifiers; inputs are normalised outside it."""
    _only_rgb("googlenet", channels)
    return torchvision().models.googlenet(
        num_classes=classes, aux_logits=False, transform_input=False, init_weights=False
    )


def _only_rgb(architecture: str, channels: int) -> None:
    if channels != 3:
        raise ValueError(f"{architecture} takes 3 channels, got {channels}")


ARCHITECTURES: dict[str, Builder] = {
    "small-resnet": lambda channels, classes: SmallResNet(channels, classes, (16, 32, 64, 96)),
    "small-vgg": lambda channels, classes: SmallVGG(
        channels, classes, (16, 16, DOWN, 32, 32, DOWN, 64, 64, DOWN, 96)
    ),
    "tiny-resnet": lambda channels, classes: SmallResNet(channels, classes, (16, 32, 64)),
    "tiny-vgg": lambda channels, classes: SmallVGG(
        channels, classes, (16, 16, DOWN, 32, 32, DOWN, 64)
    ),
    "vgg16-32": VGG16,
    "resnet18-32": resnet18,
    "googlenet": googlenet,
}


def build(architecture: str, channels: int, classes: int, seed: int) -> nn.Module:
    """An architecture with its default random weights, drawn from `seed` alone.

    Beside those of `ARCHITECTURES`, torchvision's classifiers are known by torchvision's names.
    """
    with Drawing(torch.Generator().manual_seed(seed)):
        if architecture in ARCHITECTURES:
            return ARCHITECTURES[architecture](channels, classes)
        return _torchvision_network(architecture, classes)


def _torchvision_network(name: str, classes: int) -> nn.Module:
    """Torchvision's network; GoogLeNet and Inception without what only serves their training."""
    extra = {"aux_logits": False, "init_weights": False} if name in AUXILIARY else {}
    return torchvision().models.get_model(name, weights=None, num_classes=classes, **extra)
