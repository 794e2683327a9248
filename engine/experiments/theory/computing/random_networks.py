"""Random networks as scalar functions of inputs of any dimension, and random inputs for them."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Literal

import torch
from torch import nn
from torch.nn.utils import skip_init

from engine.classifiers.cards import Card
from engine.classifiers.classifier import Classifier
from engine.classifiers.networks import build
from engine.devices import choose_device
from engine.random import derive

Kind = Literal["mlp", "cnn"]

ARCHITECTURE = "tiny-resnet"
GAINS = {"relu": 2.0, "tanh": 1.0}
"""Variance of the weights times the number of inputs of a unit: it keeps signals at one size."""

BIAS = 0.1
"""Standard deviation of the biases of a multilayer perceptron."""

ACTIVATIONS: dict[str, type[nn.Module]] = {"relu": nn.ReLU, "tanh": nn.Tanh}


def random_network(
    kind: Kind,
    dimension: int,
    *,
    width: int,
    depth: int,
    activation: str,
    seed: int,
    device: str | None = None,
) -> Classifier:
    """A network at initialisation with one output, for inputs (N, 1, H, W) of H x W = `dimension`.

    "mlp": `depth` hidden layers of `width` units, inputs in a row; "cnn": a small residual network with
    square inputs. Inputs are used as they are: mean 0, standard deviation 1.
    """
    if kind == "cnn":
        side = math.isqrt(dimension)
        shape, network = (1, side, side), build(ARCHITECTURE, 1, 1, seed)
    else:
        shape, network = (1, 1, dimension), _perceptron(dimension, width, depth, activation, seed)
    card = Card(f"random-{kind}", "Random network", ("f",), shape, (0.0,), (1.0,))
    return Classifier(card, network, choose_device(device or None))


def _perceptron(dimension: int, width: int, depth: int, activation: str, seed: int) -> nn.Module:
    """Weights N(0, gain / fan-in), biases N(0, BIAS^2)."""
    dice = torch.Generator().manual_seed(derive(seed, "weights"))
    widths = [dimension, *[width] * depth, 1]
    layers: list[nn.Module] = [nn.Flatten()]
    for k, (before, after) in enumerate(pairwise(widths)):
        if k:
            layers.append(ACTIVATIONS[activation]())
        # Initial weights would come from the generator that all threads share.
        linear = skip_init(nn.Linear, before, after)
        scale = math.sqrt(GAINS[activation] / before) if k else math.sqrt(1 / before)
        with torch.no_grad():
            linear.weight.normal_(0, scale, generator=dice)
            linear.bias.normal_(0, BIAS, generator=dice)
        layers.append(linear)
    return nn.Sequential(*layers)
