"""Wrapping: what is taken, what is refused in words, and that the caller's module stays as it was."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

import engine
from engine.classifiers import card, digest
from engine.errors import ParameterError, WeightsError

SHAPE = (3, 6, 5)
IMAGES = torch.rand(5, *SHAPE, generator=torch.Generator().manual_seed(0))


def network(seed: int = 0) -> nn.Sequential:
    """Convolution, BatchNorm with statistics of its own, dropout: all that differs in training mode."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        norm = nn.BatchNorm2d(4)
        nn.init.uniform_(norm.running_var, 0.5, 2)
        head = nn.Linear(4 * 30, 3)
        return nn.Sequential(
            nn.Conv2d(3, 4, 3, padding=1), norm, nn.ReLU(), nn.Flatten(), nn.Dropout(), head
        )


class Through(nn.Module):
    """The network, and then a function of images and logits."""

    def __init__(self, then: Callable[[torch.Tensor, torch.Tensor], Any]) -> None:
        super().__init__()
        self.inner, self.then = network(), then

    def forward(self, x: torch.Tensor) -> Any:
        return self.then(x, self.inner(x))


class Rarely(nn.Module):
    """Stochastic depth that leaves its layer out once in a million times."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * torch.empty(len(x), 1, 1, 1).bernoulli_(1 - 1e-6)


def wrapped(module: Any = None, **values: Any) -> engine.Classifier:
    given = {"classes": ["a", "b", "c"], "input_shape": SHAPE, "device": "cpu", **values}
    return engine.wrap(network() if module is None else module, **given)


def test_it_computes_what_the_module_does_in_evaluation_mode() -> None:
    module = network().train()
    clf = wrapped(module, mean=[0.4, 0.5, 0.6], std=0.25, name="mine")
    expected = deepcopy(module).eval()(
        (IMAGES - torch.tensor([0.4, 0.5, 0.6]).view(3, 1, 1)) / 0.25
    )
    assert torch.allclose(clf(IMAGES), expected, atol=1e-5)
    assert torch.allclose(clf(IMAGES[0]), expected[:1], atol=1e-5)
    assert (clf.name, clf.classes, clf.input_shape) == ("wrapped:mine", ("a", "b", "c"), SHAPE)


def test_the_callers_module_stays_as_it_was() -> None:
    module = network().train()
    module[0].weight.requires_grad_(False)
    module[5].weight.grad = torch.ones_like(module[5].weight)
    calls: list[int] = []
    module[3].register_forward_hook(lambda *given: None)
    before = deepcopy(module.state_dict())
    generator = torch.get_rng_state()
    clf = wrapped(module)
    clf(IMAGES)
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())
    assert all(part.training for part in module.modules())
    assert not module[0].weight.requires_grad
    assert module[5].weight.requires_grad
    assert torch.equal(module[5].weight.grad, torch.ones_like(module[5].weight))
    assert len(module[3]._forward_hooks) == 1
    assert torch.equal(torch.get_rng_state(), generator)
    assert not calls
    with torch.no_grad():
        module[5].weight.zero_()
    assert clf(IMAGES).std() > 0


@pytest.mark.parametrize(
    "module",
    [
        network().half(),
        network().double(),
        network().to(memory_format=torch.channels_last),
        Through(lambda x, logits: logits.t().contiguous().t()),
    ],
    ids=["half", "double", "channels-last", "non-contiguous"],
)
def test_odd_modules_are_taken(module: nn.Module) -> None:
    clf = wrapped(module)
    assert clf(IMAGES).dtype == torch.float32
    assert clf(IMAGES.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2)).shape == (5, 3)


@pytest.mark.parametrize(
    ("module", "words"),
    [
        (lambda x: x, "module: expected a torch.nn.Module, got function"),
        (Through(lambda x, logits: {"logits": logits}), "got dict with logits"),
        (Through(lambda x, logits: (logits, x)), "got tuple"),
        (Through(lambda x, logits: logits[:, :2]), r"shape \(1, 3\).*got shape \(1, 2\)"),
        (Through(lambda x, logits: logits.argmax(1)), r"got shape \(1,\)"),
        (Through(lambda x, logits: logits / 0), "finite logits.*NaN or infinite"),
        (Through(lambda x, logits: logits.long()), "finite logits.*got torch.int64"),
        (Through(lambda x, logits: logits.detach()), "gradient.*got none"),
        (Through(lambda x, logits: logits.round()), "gradient.*got zeros"),
        (Through(lambda x, logits: logits - logits.mean(0)), "alone and in a batch.*whole batch"),
        (Through(lambda x, logits: F.dropout(logits)), "depends on chance.*draws at random"),
        (nn.Sequential(nn.BatchNorm2d(3, track_running_stats=False), network()), "in a batch"),
        (nn.Sequential(Rarely(), network()), "depends on chance.*bernoulli"),
        (Through(lambda x, logits: logits + random.random()), "twice.*draws at random"),
        (Through(lambda x, logits: logits * torch.eye(len(x))[:, :1]), "in a batch.*whole batch"),
        (nn.Sequential(nn.Conv2d(1, 4, 3)), "does not run on 1 float32 images.*Check input_shape"),
        (nn.Sequential(nn.Flatten(), nn.LazyLinear(3)), "lazy layers"),
    ],
)
def test_what_cannot_be_looked_into_is_refused_in_words(module: Any, words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        wrapped(module)


@pytest.mark.parametrize(
    ("module", "values", "words"),
    [
        (Through(lambda x, logits: logits.softmax(1)), {}, "outputs are probabilities"),
        (Through(lambda x, logits: logits.log_softmax(1)), {}, "logarithms of probabilities"),
        (Through(lambda x, logits: 1 + x[:, 0, 0, :3] * 1e-7), {}, "get the same logits"),
        (None, {"mean": 123.7, "std": 58.4}, "pixels from 0 to 255.*divide both by 255"),
        (None, {"mean": [0.1, -0.1, 0.2], "std": 1.1}, "no mean of theirs is below 0"),
    ],
)
def test_what_is_probably_a_mistake_is_said(module: Any, values: Any, words: str) -> None:
    with pytest.warns(UserWarning, match=f"wrapped:.*{words}"):
        clf = wrapped(module, **values)
    assert len([doubt for doubt in clf.doubts if re.search(words, doubt)]) == 1
    assert wrapped().doubts == ()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"classes": 1}, "at least two classes"),
        ({"classes": "abc"}, "class names, or their number"),
        ({"classes": ["a", "b", "a"]}, "names that differ, got a twice"),
        ({"classes": ["a", "b", ""]}, "none of them empty"),
        ({"classes": 4}, r"shape \(1, 4\)"),
        ({"input_shape": (6, 5)}, "three whole numbers"),
        ({"input_shape": (3, 6, 0)}, "three whole numbers"),
        ({"mean": [0.5, 0.5]}, "one for each of 3 channels"),
        ({"std": 0.0}, "positive numbers"),
        ({"std": "wide"}, "a number, or one a channel"),
        ({"mean": float("nan")}, "finite numbers"),
        ({"name": ""}, "a text of 1 to 80"),
    ],
)
def test_wrong_arguments_are_refused_in_words(values: dict[str, Any], words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        wrapped(**values)


def test_a_number_of_classes_names_them() -> None:
    clf = wrapped(classes=3)
    assert clf.classes == ("0", "1", "2")
    assert clf.name == "wrapped:Sequential"
    assert clf.card.mean == (0.0,) * 3
    assert clf.card.std == (1.0,) * 3


def test_the_digest_is_the_content_s() -> None:
    clf = wrapped()
    assert clf.digest == wrapped(name="another name").digest == deepcopy(clf).digest
    assert clf.digest == wrapped(network().to(memory_format=torch.channels_last)).digest
    changed = network()
    with torch.no_grad():
        changed[5].bias[1] += 1e-3
    leaky = network()
    leaky[2] = nn.LeakyReLU()
    steeper = network()
    steeper[4] = nn.Dropout(0.1)
    others = [
        wrapped(changed),
        wrapped(leaky),
        wrapped(steeper),
        wrapped(std=0.5),
        wrapped(classes=["a", "b", "d"]),
        wrapped(Through(lambda x, logits: logits)),
        wrapped(Through(lambda x, logits: 2 * logits)),
    ]
    assert len({clf.digest, *(other.digest for other in others)}) == 1 + len(others)


def test_a_weight_that_is_changed_afterwards_changes_the_digest() -> None:
    clf = wrapped()
    before = clf.digest
    clf(IMAGES)
    assert clf.digest == before
    with torch.no_grad():
        clf.network[5].bias[0] += 1
    assert clf.digest != before


def test_a_network_of_the_zoo_has_the_digest_of_its_file() -> None:
    assert engine.load_classifier("digits-vgg", "cpu").digest == digest("digits-vgg")


def test_nobody_else_knows_a_wrapped_network() -> None:
    for ask in (card, digest, engine.load_classifier):
        with pytest.raises(WeightsError, match=r"engine\.run\(spec, classifier="):
            ask("wrapped:mine")


@pytest.mark.parametrize("scale", [255.0, -1.0, float("nan")])
def test_pixels_outside_the_range_are_refused(scale: float) -> None:
    with pytest.raises(engine.IsthmusError, match=r"in \[0, 1\], got values from .*255"):
        wrapped()(scale * IMAGES.numpy())
    assert wrapped()(np.clip(IMAGES.numpy(), 0, 1) + 5e-7).shape == (5, 3)
