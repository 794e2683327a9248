"""Recipes: how each named network is trained. Adding one is one entry here. No torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from engine.parameters import Parameter, Parameters


@dataclass(frozen=True)
class Recipe(Parameters):
    """How a network is trained."""

    epochs: Annotated[int, Parameter("Passes over the training images.", low=1, high=10_000)] = 12
    batch: Annotated[int, Parameter("Images a step.", low=2, high=8192)] = 128
    learning_rate: Annotated[float, Parameter("Largest step size.", low=1e-6, high=10)] = 0.1
    momentum: Annotated[float, Parameter("Nesterov momentum.", low=0, high=0.999)] = 0.9
    weight_decay: Annotated[float, Parameter("Pull of the weights to 0.", low=0, high=1)] = 5e-4
    label_smoothing: Annotated[
        float, Parameter("Share of the target spread over all classes.", low=0, high=0.9)
    ] = 0.0
    warm_up: Annotated[
        float, Parameter("Share of the steps in which the step size grows.", low=0, high=0.9)
    ] = 0.2
    mirror: Annotated[bool, Parameter("Mirror half of the images left to right.")] = True
    turn: Annotated[bool, Parameter("Swap rows and columns of half of the images.")] = False
    shift: Annotated[
        int, Parameter("Largest random shift in each direction.", unit="pixels", low=0, high=64)
    ] = 0
    side: Annotated[
        int,
        Parameter(
            "Height and width of the training images; 0 is the network's own.",
            unit="pixels",
            low=0,
            high=1024,
        ),
    ] = 0
    seed: Annotated[int, Parameter("Seed of every random draw.", low=0, high=2**31)] = 0


RESNET = Recipe(epochs=100, shift=4, warm_up=0.1)
VGG = Recipe(epochs=100, shift=4, warm_up=0.1, learning_rate=0.05)
SHAPES = Recipe(epochs=16, batch=64, turn=True)
DIGITS = Recipe(epochs=30, batch=64, learning_rate=0.05, mirror=False, shift=1)

RECIPES: dict[str, Recipe] = {
    "shapes-resnet": SHAPES,
    "shapes-vgg": SHAPES,
    "digits-resnet": DIGITS,
    "digits-vgg": DIGITS,
    "vgg16-cifar10": VGG,
    "resnet18-cifar10": RESNET,
    "vgg16-cifar100": VGG,
    "resnet18-cifar100": RESNET,
    "googlenet-imagenette": Recipe(epochs=60, batch=64, shift=12, side=144, label_smoothing=0.1),
}
