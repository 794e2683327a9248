"""Recipes: how each named network is trained. Adding one is one entry here. No torch."""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.parameters import Parameters, parameter, within


@dataclass(frozen=True)
class Recipe(Parameters):
    """How a network is trained."""

    epochs: int = parameter(12, "Passes over the training images.", within(1, 10_000))
    batch: int = parameter(128, "Images a step.", within(2, 8192))
    learning_rate: float = parameter(0.1, "Largest step size.", within(1e-6, 10))
    momentum: float = parameter(0.9, "Nesterov momentum.", within(0, 0.999))
    weight_decay: float = parameter(5e-4, "Pull of the weights to 0.", within(0, 1))
    label_smoothing: float = parameter(
        0.0, "Share of the target spread over all classes.", within(0, 0.9)
    )
    warm_up: float = parameter(
        0.2, "Share of the steps in which the step size grows.", within(0, 0.9)
    )
    mirror: bool = parameter(True, "Mirror half of the images left to right.")
    turn: bool = parameter(False, "Swap rows and columns of half of the images.")
    shift: int = parameter(0, "Largest random shift in each direction.", within(0, 64, "pixels"))
    side: int = parameter(
        0,
        "Height and width of the training images. 0: the network's own.",
        within(0, 1024, "pixels"),
    )
    attack: float = parameter(
        0.0,
        "How far every pixel may be moved by an attack on the network as it is, in whose place the image is "
        "learnt from (Madry et al. 2018). 0: no attack.",
        within(0, 1, "pixel range"),
    )
    attack_steps: int = parameter(
        5, "Steps of that attack, projected gradient descent from a random start.", within(1, 1000)
    )
    seed: int = parameter(0, "Seed of every random draw.", within(0, 2**31))


RESNET = Recipe(epochs=100, shift=4, warm_up=0.1)
VGG = Recipe(epochs=100, shift=4, warm_up=0.1, learning_rate=0.05)
SHAPES = Recipe(epochs=16, batch=64, turn=True)
DIGITS = Recipe(epochs=30, batch=64, learning_rate=0.05, mirror=False, shift=1)

RECIPES: dict[str, Recipe] = {
    "shapes-resnet": SHAPES,
    "shapes-resnet-robust": replace(SHAPES, attack=8 / 255),
    "shapes-vgg": SHAPES,
    "digits-resnet": DIGITS,
    "digits-vgg": DIGITS,
    "vgg16-cifar10": VGG,
    "resnet18-cifar10": RESNET,
    "vgg16-cifar100": VGG,
    "resnet18-cifar100": RESNET,
    "googlenet-imagenette": Recipe(epochs=60, batch=64, shift=12, side=144, label_smoothing=0.1),
}
