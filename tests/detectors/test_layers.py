"""ReLU outputs are found in whatever form a network computes them, and are those of the formula."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import nn

import engine
from engine.classifiers.exported import Exported
from engine.detectors.layers import channel_means, relu_outputs
from engine.errors import DataError
from tests.detectors.small import SHAPE, Small, layers_of, small_classifier
from tests.networks import random_images, tiny_classifier


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
        found = relu_outputs(classifier, images)
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
    outputs = relu_outputs(classifier, random_images(1, classifier.input_shape))
    assert len(outputs) == count
    assert all(output.min() >= 0 for output in outputs)
    assert all(output.ndim == 4 for output in outputs)


def test_relu6_counts_and_tanh_does_not():
    layers = [nn.Conv2d(3, 2, 1), nn.ReLU6(), nn.Hardtanh(), nn.Tanh(), nn.Flatten()]
    network = nn.Sequential(*layers, nn.Linear(60, 3))
    nn.init.constant_(layers[0].bias, 1.0)
    nn.init.normal_(layers[0].weight, generator=torch.Generator().manual_seed(0))
    (found,) = relu_outputs(small_classifier(network=network), 40 * random_images(5, SHAPE))
    assert found.min() == 0
    assert found.max() == 6
    with pytest.raises(DataError, match="tiny has no ReLU"):
        relu_outputs(tiny_classifier(), random_images(2))


def test_a_gradient_is_that_of_the_formula():
    classifier = small_classifier(network=Small(overwrites=False))
    images = random_images(4, SHAPE).requires_grad_()
    precise = images.detach().double().requires_grad_()
    for layer, reference in enumerate(layers_of(classifier, precise)):
        own = relu_outputs(classifier, images, channel_means)[layer]
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
    ran = []
    for name in ("first", "second", "hidden", "last"):
        module = getattr(classifier.network, name)
        module.register_forward_pre_hook(lambda *_, name=name: ran.append(name))
    images = random_images(3, SHAPE)
    found = relu_outputs(classifier, images, last=last)
    assert ran == ["first", "second", "hidden"][: last + 1]
    every = relu_outputs(classifier, images)
    assert len(found) == last + 1
    assert all(torch.equal(a, b) for a, b in zip(found, every, strict=False))


def test_an_early_stop_of_a_program_says_nothing(capsys):
    for form in FORMS.values():
        assert (
            len(relu_outputs(small_classifier(network=form()), random_images(6, SHAPE), last=1))
            == 2
        )
    assert capsys.readouterr() == ("", "")
    assert len(relu_outputs(small_classifier(), random_images(6, SHAPE))) == 3
