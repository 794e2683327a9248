"""Growing images: the course is that of torch's own Adam, with the formula written out in float64."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from engine.objectives import CrossEntropy, HighFrequency
from engine.synthesis.parameterisations import PARAMETERISATIONS
from engine.synthesis.settings import SynthesisSettings
from engine.synthesis.visualising import Growing, visualise
from tests.networks import random_images, soft_classifier, tiny_classifier

SHAPE = (3, 6, 5)
PLAIN = SynthesisSettings(
    objective="cross-entropy",
    parameterisation="pixels",
    transforms=False,
    steps=20,
    finish=0,
    high_frequency_weight=0.01,
    weight_decay=0.05,
    noise=0.5,
)


def goal(name: str, logits: torch.Tensor, target: int) -> torch.Tensor:
    """What is minimised, without penalties, for logits (K,)."""
    if name == "cross-entropy":
        return -logits.log_softmax(0)[target]
    if name == "logit":
        return -logits[target]
    cosine = logits[target] / logits.square().sum().sqrt()
    return -logits[target] * max(cosine, torch.tensor(0.1)).sqrt()


def by_torch(classifier, settings: SynthesisSettings, target: int, seed: int) -> torch.Tensor:
    """Image (C, H, W) after all steps of Adam."""
    network = deepcopy(classifier.network).double()
    form = PARAMETERISATIONS[settings.parameterisation](SHAPE, settings.decorrelate)
    x = form.start(seed, 1, settings.noise).double().requires_grad_()
    adam = torch.optim.Adam([x], lr=settings.learning_rate, weight_decay=settings.weight_decay)
    for _ in range(settings.steps):
        adam.zero_grad()
        image = form.images(x)[0]
        value = goal(settings.objective, network((image[None] - 0.4) / 0.3)[0], target)
        rough = image.diff(dim=1).square().sum() + image.diff(dim=2).square().sum()
        (value + settings.high_frequency_weight * rough).backward()
        adam.step()
    return form.images(x.detach())[0]


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"weight_decay": 0.0},
        {"weight_decay": 1.0},
        {"high_frequency_weight": 0.0},
        {"high_frequency_weight": 1.0},
        {"objective": "logit"},
        {"objective": "dot-cosine"},
        {"parameterisation": "fourier", "noise": 0.1},
        {"learning_rate": 0.2},
    ],
)
def test_an_image_is_that_of_torch_s_adam(values):
    classifier, settings = soft_classifier(SHAPE), replace(PLAIN, **values)
    found = visualise(classifier, 2, settings, seed=3)
    expected = by_torch(classifier, settings, 2, seed=3)
    assert torch.allclose(found.images[0].double(), expected, atol=1e-4)


def test_what_decays_alone_comes_nearer_to_grey():
    """A network that sees no difference has no gradient of its own: the decay is all that moves."""
    blind = tiny_classifier(SHAPE)
    nn.init.zeros_(blind.network[-1].weight)
    settings = replace(PLAIN, high_frequency_weight=0.0, steps=1)
    start = PARAMETERISATIONS["pixels"](SHAPE).start(0, 1, settings.noise)
    decayed = visualise(blind, 0, settings).images
    assert torch.allclose(decayed, (start - 0.05 * start.sign()).sigmoid(), atol=1e-4)
    still = visualise(blind, 0, replace(settings, weight_decay=0.0)).images
    assert torch.allclose(still, start.sigmoid(), atol=1e-6)


def test_the_finish_minimises_cross_entropy_alone():
    """From where the search ends: no penalty, no decay, until the loss is below the threshold."""
    blind = tiny_classifier(SHAPE)
    nn.init.zeros_(blind.network[-1].weight)
    search = visualise(blind, 0, replace(PLAIN, high_frequency_weight=1.0))
    whole = visualise(blind, 0, replace(PLAIN, high_frequency_weight=1.0, finish=10))
    assert whole.finish.tolist() == [10]
    assert torch.allclose(whole.images, search.images, atol=1e-6)


def test_penalties_are_for_the_image_and_the_loss_that_is_told_for_what_the_network_saw():
    """Whatever the transforms made of the image, as long as the network saw that."""
    classifier, targets = tiny_classifier(SHAPE), torch.tensor([1, 3])
    image, seen = random_images(2, SHAPE), random_images(2, SHAPE, seed=1)
    problem = Growing(
        form=PARAMETERISATIONS["pixels"](SHAPE),
        objective=CrossEntropy(targets) + 0.1 * HighFrequency(),
        targets=targets,
        transforms=None,
        goal=None,
        together=False,
        preview=type("Silent", (), {"note": lambda *_: None})(),
        places=torch.arange(2),
    )
    assert torch.allclose(problem.images(image.logit(), 0), image, atol=1e-5)
    logits = classifier(seen)
    value, loss = problem.values(seen, logits)
    expected = F.cross_entropy(logits, targets, reduction="none")
    assert torch.allclose(loss, expected)
    rough = sum(image.diff(dim=axis).square().sum((1, 2, 3)) for axis in (2, 3))
    assert torch.allclose(value, expected + 0.1 * rough, rtol=1e-4)
