"""Optimal inputs are where torch's own Adam gets to, in float64, with the formula written out."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from engine.experiments.untrained.computing.optimal_inputs import MARGIN, optimal_pairs
from engine.experiments.untrained.untrained import Untrained
from engine.progress import SILENT
from engine.random import derive
from tests.networks import soft_classifier, tiny_classifier

SHAPE = (3, 6, 5)
SPEC = Untrained(
    classes=3,
    threshold=1e-6,
    steps=25,
    learning_rate=0.02,
    weight_decay=0.05,
    high_frequency=0.02,
    noise=0.7,
    seed=11,
)
TARGETS = [2, 0, 1]


@pytest.fixture(scope="module")
def classifier():
    return soft_classifier(SHAPE)


def found(classifier, spec=SPEC, label="label"):
    return optimal_pairs(classifier, TARGETS, spec, label, SILENT)


def noise(spec, label: str = "label") -> torch.Tensor:
    """Of standard deviation `spec.noise` around 0, as the network sees it: (3, 2, C, H, W)."""
    dice = torch.Generator().manual_seed(derive(spec.seed, label))
    return 0.4 + 0.3 * spec.noise * torch.randn(6, *SHAPE, generator=dice).reshape(3, 2, *SHAPE)


def by_torch(classifier, start: torch.Tensor, target: int, penalty: float, spec) -> torch.Tensor:
    """One input after all steps of Adam on cross-entropy and penalty, in float64."""
    network = deepcopy(classifier.network).double()
    x = start.double().clone().requires_grad_()
    adam = torch.optim.Adam([x], lr=spec.learning_rate, weight_decay=spec.weight_decay)
    for _ in range(spec.steps):
        adam.zero_grad()
        loss = F.cross_entropy(network((x[None] - 0.4) / 0.3), torch.tensor([target]))
        rough = x.diff(dim=1).square().sum() + x.diff(dim=2).square().sum()
        (loss + penalty * rough).backward()
        adam.step()
    return x.detach()


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"weight_decay": 0.0},
        {"weight_decay": 1.0},
        {"high_frequency": 0.0},
        {"high_frequency": 1.0},
        {"noise": 2.0, "learning_rate": 0.1},
    ],
)
def test_pairs_are_those_of_torch_s_adam_the_second_with_the_penalty(classifier, values):
    spec = replace(SPEC, **values)
    pairs = found(classifier, spec)
    assert pairs.targets.tolist() == TARGETS
    assert (pairs.steps == spec.steps).all()
    for k, target in enumerate(TARGETS):
        for which, penalty in enumerate((0.0, spec.high_frequency)):
            expected = by_torch(classifier, noise(spec)[k, which], target, penalty, spec)
            assert torch.allclose(pairs.images[k, which].double(), expected, atol=1e-4)


def test_the_loss_that_is_told_and_that_ends_an_input_is_without_the_penalty(classifier):
    pairs = found(classifier, replace(SPEC, high_frequency=1.0))
    assert np.allclose(pairs.trace[-1], pairs.loss, rtol=1e-4)
    start = noise(SPEC).flatten(0, 1)
    targets = torch.tensor(TARGETS).repeat_interleave(2)
    expected = F.cross_entropy(classifier.forward(start), targets, reduction="none").reshape(3, 2)
    assert np.allclose(pairs.trace[0], expected.detach(), rtol=1e-4)


def test_what_decays_alone_comes_nearer_to_zero_by_the_step_size():
    """A network that sees no difference has no gradient of its own: the decay is all that moves."""
    blind = tiny_classifier(SHAPE)
    nn.init.zeros_(blind.network[-1].weight)
    start = noise(SPEC)
    one = found(blind, replace(SPEC, steps=1, high_frequency=0.0)).images
    assert torch.allclose(one, start - 0.02 * start.sign(), atol=1e-4)
    still = found(blind, replace(SPEC, steps=5, high_frequency=0.0, weight_decay=0.0)).images
    assert torch.allclose(still, start, atol=1e-6)


def test_noise_is_that_of_the_seed_and_of_the_label_as_the_network_sees_it(classifier):
    spec = replace(SPEC, steps=1, learning_rate=1e-6)
    first = found(classifier, spec).images
    assert torch.allclose(first, noise(spec), atol=1e-5)
    assert float(((first - 0.4) / 0.3).std()) == pytest.approx(spec.noise, rel=0.1)
    for other in (found(classifier, replace(spec, seed=12)), found(classifier, spec, "other")):
        assert not torch.allclose(other.images, first, atol=0.01)


def test_an_input_ends_below_the_loss_asked_for_and_says_so(classifier):
    spec = replace(SPEC, threshold=0.3, steps=400, weight_decay=0.0, high_frequency=0.0)
    pairs = found(classifier, spec)
    assert pairs.reached.all()
    assert (pairs.loss < MARGIN * spec.threshold * (1 + 1e-3)).all()
    for k, target in enumerate(TARGETS):
        logits = deepcopy(classifier.network).double()((pairs.images[k].double() - 0.4) / 0.3)
        expected = F.cross_entropy(logits, torch.tensor([target] * 2), reduction="none")
        assert np.allclose(pairs.loss[k], expected.detach(), rtol=1e-3)
    assert pairs.steps.max() < 400
    before = found(classifier, replace(spec, steps=int(pairs.steps.max()) - 1))
    assert not before.reached.all(), "it ends at the first step that is low enough"


def test_a_pair_is_ready_when_both_of_its_inputs_are(classifier):
    pairs = found(classifier)
    own = replace(
        pairs, loss=np.array([[1e-7, 2.0], [1e-7, 1e-7], [1e-6, 1e-7]]), below=SPEC.threshold
    )
    assert own.reached.tolist() == [[True, False], [True, True], [False, True]]
    assert own.ready.tolist() == [1]
