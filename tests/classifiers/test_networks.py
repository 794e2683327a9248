"""The architectures: layouts that weights from elsewhere fit, and weights drawn from a seed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from engine.classifiers.drawing import Drawing
from engine.classifiers.listings import LISTINGS
from engine.classifiers.networks import ARCHITECTURES, build, torchvision

CHANNELS = {listing.architecture: listing.input_shape[0] for listing in LISTINGS.values()}
SIZES = {listing.architecture: listing.input_shape[1:] for listing in LISTINGS.values()}


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_architecture_gives_a_logit_a_class(name: str) -> None:
    network = build(name, CHANNELS[name], 7, seed=0).eval()
    with torch.inference_mode():
        assert network(torch.rand(2, CHANNELS[name], *SIZES[name])).shape == (2, 7)


def test_a_seed_is_all_that_decides_the_weights() -> None:
    torch.manual_seed(1)
    before = torch.random.get_rng_state()
    first = build("small-resnet", 3, 10, seed=5).state_dict()
    assert torch.equal(torch.random.get_rng_state(), before)
    torch.manual_seed(2)
    again = build("small-resnet", 3, 10, seed=5).state_dict()
    other = build("small-resnet", 3, 10, seed=6).state_dict()
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["stem.0.weight"], other["stem.0.weight"])


@pytest.mark.parametrize("name", ["squeezenet1_1", "mobilenet_v3_small"])
def test_the_weights_are_those_of_pytorchs_own_generator(name: str) -> None:
    ours = build(name, 3, 10, seed=5).state_dict()
    with torch.random.fork_rng():
        torch.manual_seed(5)
        theirs = torchvision().models.get_model(name, weights=None, num_classes=10).state_dict()
    assert all(torch.equal(ours[key], theirs[key]) for key in theirs)


def test_dropout_is_pytorchs_own() -> None:
    values = torch.linspace(1, 2, 1000, requires_grad=True)
    with Drawing(torch.Generator().manual_seed(5)):
        ours = [F.dropout(values, 0.3), nn.Dropout(inplace=True)(values + 0)]
    with torch.random.fork_rng():
        torch.manual_seed(5)
        theirs = [F.dropout(values, 0.3), nn.Dropout(inplace=True)(values + 0)]
    assert all(map(torch.equal, ours, theirs))


def test_networks_built_at_once_are_those_built_in_turn() -> None:
    in_turn = [build("tiny-resnet", 1, 10, seed).state_dict() for seed in range(8)]
    with ThreadPoolExecutor(8) as pool:
        at_once = pool.map(lambda seed: build("tiny-resnet", 1, 10, seed).state_dict(), range(8))
        for ours, theirs in zip(in_turn, at_once, strict=True):
            assert all(torch.equal(ours[name], theirs[name]) for name in ours)


def test_resnet18_is_torchvisions_with_another_stem() -> None:
    own = build("resnet18-32", 3, 10, seed=0)
    theirs = torchvision().models.resnet18(num_classes=10)
    theirs.conv1 = nn.Conv2d(3, 64, 3, 1, 1, bias=False)
    theirs.maxpool = nn.Identity()
    shapes = {name: value.shape for name, value in theirs.state_dict().items()}
    assert {name: value.shape for name, value in own.state_dict().items()} == shapes
    theirs.load_state_dict(own.state_dict())
    images = torch.rand(2, 3, 32, 32)
    assert torch.equal(own.eval()(images), theirs.eval()(images))


def test_vgg16_is_torchvisions_features_and_one_linear_layer() -> None:
    network = build("vgg16-32", 3, 100, seed=0)
    names = set(torchvision().models.vgg16_bn().features.state_dict())
    own = network.state_dict()
    assert {name.removeprefix("features.") for name in own if name.startswith("f")} == names
    assert own["classifier.weight"].shape == (100, 512)
    relus = [i for i, module in enumerate(network.features) if isinstance(module, nn.ReLU)]
    assert relus == [2, 5, 9, 12, 16, 19, 22, 26, 29, 32, 36, 39, 42]


def test_torchvisions_own_names_are_known() -> None:
    network = build("mobilenet_v3_small", 3, 1000, seed=0).eval()
    with torch.inference_mode():
        assert network(torch.rand(1, 3, 224, 224)).shape == (1, 1000)
