"""Outputs of layers are found in whatever form a network computes them, and are those of the formula."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
import torch
from torch import nn

import engine
from engine.classifiers.exported import Exported
from engine.detectors.layers import MOST, activations, channel_means, count_of
from engine.errors import DataError
from tests.detectors.small import SHAPE, Small, layers_of, small_classifier
from tests.networks import random_images


def program(batch: int, dynamic: bool) -> nn.Module:
    """The small network as an exported program."""
    shapes = ({0: torch.export.Dim("n", min=1, max=64)},) if dynamic else None
    images = torch.rand(batch, *SHAPE)
    exported = torch.export.export(Small().eval(), (images,), dynamic_shapes=shapes)
    return exported.module(check_guards=False)


FORMS: dict[str, Callable[[], nn.Module]] = {
    "module": Small,
    "any batch": lambda: Exported(program(2, dynamic=True), 1, 64),
    "single images": lambda: Exported(program(1, dynamic=False), 1, 1),
    "batches of four": lambda: Exported(program(4, dynamic=False), 4, 4),
}


@pytest.mark.parametrize("form", FORMS)
def test_outputs_are_those_of_the_formula_in_every_form(form):
    classifier = small_classifier(network=FORMS[form]())
    for count in (1, 4, 10):
        images = random_images(count, SHAPE)
        found = activations(classifier, images)
        expected = layers_of(small_classifier(), images)
        assert len(found) == 3
        for own, reference in zip(found, expected, strict=True):
            assert own.shape == reference.shape
            assert torch.allclose(own.double(), reference, atol=1e-5)


@pytest.mark.parametrize(
    ("name", "count"),
    [("shapes-resnet", 9), ("digits-vgg", 5)],
)
def test_listed_networks_have_the_relus_of_their_layout(name, count):
    classifier = engine.load_classifier(name, "cpu")
    outputs = activations(classifier, random_images(1, classifier.input_shape))
    assert len(outputs) == count
    assert all(output.min() >= 0 for output in outputs)
    assert all(output.ndim == 4 for output in outputs)


ACTIVATIONS = {
    "relu6": nn.ReLU6(),
    "silu": nn.SiLU(),
    "silu in place": nn.SiLU(inplace=True),
    "gelu": nn.GELU(),
    "hardswish": nn.Hardswish(),
    "mish": nn.Mish(),
    "elu": nn.ELU(),
    "leaky relu": nn.LeakyReLU(),
    "tanh": nn.Tanh(),
}


def ending_with(activation: nn.Module) -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 4, 3), activation, nn.Flatten(), nn.Linear(48, 3))


@pytest.mark.parametrize("exported", [False, True], ids=["module", "program"])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_function_ends_a_layer(name, exported):
    network = ending_with(ACTIVATIONS[name]).eval()
    images = random_images(5, SHAPE)
    expected = nn.Sequential(*network[:2])((images - 0.5) / 0.25)
    if exported:
        shapes = ({0: torch.export.Dim("n", min=1, max=64)},)
        program = torch.export.export(network, (images,), dynamic_shapes=shapes)
        network = Exported(program.module(check_guards=False), 1, 64)
    (found,) = activations(small_classifier(network=network), images)
    assert torch.allclose(found, expected, atol=1e-5)


def test_a_gate_is_no_layer_and_a_network_without_any_is_told_of():
    classifier = small_classifier(network=ending_with(nn.Sigmoid()))
    with pytest.raises(DataError, match="small has no activation function that is known here"):
        activations(classifier, random_images(2, SHAPE))


class Rows(nn.Module):
    """A hidden layer over the channels of each pixel, as transformers have it: channels last."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden, self.last = nn.Linear(3, 7), nn.Linear(7, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.last(nn.functional.gelu(self.hidden(x.movedim(1, -1)))).mean((1, 2))


def test_linear_layers_have_their_channels_found():
    network = Rows()
    images = random_images(4, SHAPE)
    (found,) = activations(small_classifier(network=network), images, channel_means)
    hidden = nn.functional.gelu(network.hidden(((images - 0.5) / 0.25).movedim(1, -1)))
    assert torch.allclose(found, hidden.mean((1, 2)), atol=1e-6)


@pytest.mark.parametrize("depth", [1, 19, 20, 21, 57])
def test_a_deep_network_shows_some_layers_evenly_spread(depth):
    layers = [part for _ in range(depth) for part in (nn.Conv2d(3, 3, 1), nn.LeakyReLU(0.9))]
    network = nn.Sequential(*layers, nn.Flatten(), nn.Linear(90, 3))
    classifier = small_classifier(network=network)
    images = random_images(2, SHAPE)
    every = [network[: 2 * k + 2]((images - 0.5) / 0.25) for k in range(depth)]
    found = activations(classifier, images)
    assert len(found) == count_of(classifier) == min(depth, MOST)
    places = [
        next(k for k, own in enumerate(every) if torch.allclose(one, own, atol=1e-6))
        for one in found
    ]
    assert places[-1] == depth - 1
    steps = {later - earlier for earlier, later in pairwise(places)}
    assert len(steps) <= 2
    assert len(activations(classifier, images, last=0)) == 1


def test_a_gradient_is_that_of_the_formula():
    classifier = small_classifier(network=Small(overwrites=False))
    images = random_images(4, SHAPE).requires_grad_()
    precise = images.detach().double().requires_grad_()
    for layer, reference in enumerate(layers_of(classifier, precise)):
        own = activations(classifier, images, channel_means)[layer]
        (gradient,) = torch.autograd.grad(own.square().sum(), images)
        (expected,) = torch.autograd.grad(
            channel_means(reference).square().sum(), precise, retain_graph=True
        )
        assert torch.allclose(gradient.double(), expected, atol=1e-5)
        assert expected.abs().max() > 1e-3


def test_channel_means_are_means_over_all_positions():
    maps = torch.arange(24.0).reshape(1, 2, 3, 4)
    assert channel_means(maps).tolist() == [[5.5, 17.5]]
    assert channel_means(torch.ones(2, 3)).tolist() == [[1, 1, 1]] * 2


@pytest.mark.parametrize("last", [0, 1, 2])
def test_the_network_stops_where_nothing_more_is_asked(last):
    classifier = small_classifier()
    assert count_of(classifier) == 3  # counted once, in a pass of its own
    ran = []
    for name in ("first", "second", "hidden", "last"):
        module = getattr(classifier.network, name)
        module.register_forward_pre_hook(lambda *_, name=name: ran.append(name))
    images = random_images(3, SHAPE)
    found = activations(classifier, images, last=last)
    assert ran == ["first", "second", "hidden"][: last + 1]
    every = activations(classifier, images)
    assert len(found) == last + 1
    assert all(torch.equal(a, b) for a, b in zip(found, every, strict=False))


def test_an_early_stop_of_a_program_says_nothing(capsys):
    for form in FORMS.values():
        assert (
            len(activations(small_classifier(network=form()), random_images(6, SHAPE), last=1)) == 2
        )
    assert capsys.readouterr() == ("", "")
    assert len(activations(small_classifier(), random_images(6, SHAPE))) == 3
