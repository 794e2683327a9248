"""Folding changes speed, never the function."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy

import pytest
import torch
from torch import nn

import engine
from engine.classifiers.folding import fold_modules
from engine.classifiers.networks import ARCHITECTURES, build
from tests.classifiers.conftest import Export
from tests.classifiers.small import Small


def with_statistics(network: nn.Module) -> nn.Module:
    """Give every BatchNorm statistics and weights that do something."""
    source = torch.Generator().manual_seed(0)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            for tensor, low, high in (
                (module.running_mean, -0.5, 0.5),
                (module.running_var, 0.5, 2.0),
                (module.weight.data, 0.5, 1.5),
                (module.bias.data, -0.5, 0.5),
            ):
                tensor.uniform_(low, high, generator=source)
    return network.eval()


def norms(network: nn.Module) -> int:
    return sum(isinstance(module, nn.BatchNorm2d) for module in network.modules())


def test_every_architecture_folds_to_the_same_function() -> None:
    for name in ARCHITECTURES:
        channels, side = (1, 8) if name.startswith("tiny") else (3, 32)
        network = with_statistics(build(name, channels, 10, seed=0))
        folded = deepcopy(network)
        fold_modules(folded, (channels, side, side))
        assert norms(network) > 0
        assert norms(folded) == 0
        images = torch.randn(2, channels, side, side)
        with torch.inference_mode():
            ours, theirs = folded(images), network(images)
        assert (ours - theirs).abs().max() <= 1e-5 * theirs.abs().max()


def test_modules_stay_where_they_were() -> None:
    network = with_statistics(build("vgg16-32", 3, 10, seed=0))
    kinds = [type(module) for module in network.features]
    fold_modules(network, (3, 32, 32))
    after = [type(module) for module in network.features]
    assert after == [nn.Identity if kind is nn.BatchNorm2d else kind for kind in kinds]


def test_what_is_shared_or_used_twice_is_not_folded() -> None:
    class Shared(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.norm = nn.Conv2d(3, 3, 1), nn.BatchNorm2d(3)
            self.second, self.last = nn.Conv2d(3, 3, 1), nn.BatchNorm2d(3)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = self.norm(self.first(self.norm(self.first(x))))
            y = self.second(x)
            return self.last(y) + y

    network = with_statistics(Shared())
    folded = deepcopy(network)
    fold_modules(folded, (3, 4, 4))
    assert norms(folded) == 2
    images = torch.rand(2, 3, 4, 4)
    assert torch.equal(folded(images), network(images))


class TwoNames(nn.Module):
    """One BatchNorm under two names, called by the second."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.first = nn.Conv2d(3, 3, 1), nn.BatchNorm2d(3)
        self.second = self.first

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.second(self.conv(x))


class TiedWeights(nn.Module):
    """A second layer with the weights of a convolution that is followed by a BatchNorm."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm = nn.Conv2d(3, 3, 1, bias=False), nn.BatchNorm2d(3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return nn.functional.conv2d(self.norm(self.conv(x)), self.conv.weight)


class ChangedInPlace(nn.Sequential):
    """Something happens to the convolution's output before the BatchNorm takes it."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self[0](x)
        y[:, 0] = 1
        return self[1](y)


class GivesBoth(nn.Sequential):
    """The convolution's output is part of the result."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self[0](x)
        return torch.stack([y, self[1](y)])


@pytest.mark.parametrize(
    ("network", "left"),
    [
        (TwoNames(), 0),
        (TiedWeights(), 1),
        (ChangedInPlace(nn.Conv2d(3, 3, 1), nn.BatchNorm2d(3)), 1),
        (GivesBoth(nn.Conv2d(3, 3, 1), nn.BatchNorm2d(3)), 1),
    ],
    ids=lambda value: type(value).__name__,
)
def test_odd_networks_stay_the_same_function(network: nn.Module, left: int) -> None:
    network = with_statistics(network)
    folded = deepcopy(network)
    fold_modules(folded, (3, 4, 4))
    assert norms(folded) == left
    images = torch.rand(2, 3, 4, 4)
    assert torch.allclose(folded(images), network(images), atol=1e-6)


def test_a_network_that_looks_at_values_is_left_as_it_is() -> None:
    class Branching(nn.Sequential):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return super().forward(x) if x.sum() >= 0 else x

    network = with_statistics(Branching(nn.Conv2d(3, 3, 1), nn.BatchNorm2d(3)))
    fold_modules(network, (3, 4, 4))
    assert norms(network) == 1


def test_folding_changes_nothing_for_other_threads() -> None:
    before = dict(vars(nn.Module))
    met = []

    class Witness(nn.Sequential):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            met.append(dict(vars(nn.Module)) == before)
            with ThreadPoolExecutor() as other:
                met.append(other.submit(torch.overrides._len_torch_function_stack).result() == 0)
            return super().forward(x)

    fold_modules(with_statistics(Witness(nn.Conv2d(3, 3, 1), nn.BatchNorm2d(3))), (3, 4, 4))
    assert met
    assert all(met)


def test_a_program_folds_to_the_same_function(export: Export) -> None:
    network = with_statistics(Small())
    folded = engine.load_classifier(f"file:{export(network)}", "cpu").network.network
    assert not any("batch_norm" in str(step.target) for step in folded.graph.steps)
    assert len(folded.state_dict()) == 4
    images = torch.rand(2, 3, 8, 8)
    assert torch.allclose(folded(images), network(images), atol=1e-6)
