"""Random networks keep signals at one size, whatever the dimension, width and depth."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from engine.experiments.theory.computing.random_networks import BIAS, random_network

SHAPE = {"width": 512, "depth": 4}


def inputs(dimension: int) -> torch.Tensor:
    return torch.randn(500, 1, 1, dimension, generator=torch.Generator().manual_seed(0))


def linear_of(network) -> list[nn.Linear]:
    return [layer for layer in network.modules() if isinstance(layer, nn.Linear)]


@pytest.mark.parametrize("dimension", [2, 64, 2048])
def test_signals_before_a_relu_have_one_size_at_every_depth_and_dimension(dimension):
    """Each layer adds the variance of its biases, and neither grows nor shrinks what comes in."""
    network = random_network("mlp", dimension, activation="relu", seed=1, **SHAPE).network
    signal, sizes = inputs(dimension), []
    with torch.no_grad():
        for layer in network:
            signal = layer(signal)
            if isinstance(layer, nn.Linear) and layer.out_features > 1:
                sizes.append(float(signal.square().mean()))
    assert len(sizes) == SHAPE["depth"]
    assert sizes == pytest.approx([1 + (k + 1) * BIAS**2 for k in range(4)], rel=0.25)


@pytest.mark.parametrize(("activation", "gain"), [("relu", 2.0), ("tanh", 1.0)])
def test_weights_have_the_variance_of_their_activation_over_the_number_of_inputs(activation, gain):
    network = random_network("mlp", 300, activation=activation, seed=2, **SHAPE).network
    first, *others = linear_of(network)
    assert float(first.weight.std() * 300**0.5) == pytest.approx(1, rel=0.03)
    for layer in others:
        scaled = float(layer.weight.std() * 512**0.5)
        assert scaled == pytest.approx(gain**0.5, rel=0.03 if layer.out_features > 1 else 0.2)
    biases = torch.cat([layer.bias for layer in (first, *others)])
    assert float(biases.std()) == pytest.approx(BIAS, rel=0.1)
    kinds = {"relu": nn.ReLU, "tanh": nn.Tanh}
    assert sum(isinstance(layer, kinds[activation]) for layer in network) == SHAPE["depth"]


@pytest.mark.parametrize("kind", ["mlp", "cnn"])
def test_a_network_is_its_seed_and_sees_inputs_as_they_are(kind):
    one, same, other = (
        random_network(kind, 64, width=16, depth=2, activation="relu", seed=seed)
        for seed in (3, 3, 4)
    )
    images = inputs(64).reshape(-1, *one.input_shape)
    with torch.no_grad():
        values = one.forward(images)
        assert values.shape == (500, 1)
        assert torch.equal(values, same.forward(images))
        assert not torch.allclose(values, other.forward(images))
        assert torch.allclose(values, one.network(images), atol=1e-6)


def test_a_network_s_spread_does_not_depend_on_the_dimension():
    spreads = []
    for dimension in (4, 64, 1024):
        some = [
            random_network("mlp", dimension, activation="relu", seed=seed, width=128, depth=2)
            for seed in range(8)
        ]
        with torch.no_grad():
            spreads.append(np.mean([float(one.forward(inputs(dimension)).std()) for one in some]))
    assert max(spreads) < 1.5 * min(spreads)
