"""The loop is Adam problem by problem: batches, removals and ends change no problem's course."""

from __future__ import annotations

from typing import Self

import pytest
import torch

from engine.objectives import CrossEntropy
from engine.optimise import Problem, minimise
from engine.progress import Cancelled
from tests.networks import random_images, tiny_classifier


class Towards(Problem):
    """Raise the probability of a class; end below a goal."""

    def __init__(self, targets: torch.Tensor, goal: float) -> None:
        self.loss, self.goal = CrossEntropy(targets), goal

    def values(self, images, logits):
        value = self.loss(images, logits)
        return value, value

    def solved(self, variables, loss, step):
        return loss < self.goal

    def take(self, rows) -> Self:
        return type(self)(self.loss.targets[rows], self.goal)


@pytest.fixture(scope="module")
def classifier():
    return tiny_classifier()


def one_by_one(classifier, images, targets, steps, goal):
    """torch's own Adam, one problem at a time."""
    ends, counts = [], []
    for image, target in zip(images, targets, strict=True):
        x = image[None].clone().requires_grad_(True)
        adam = torch.optim.Adam([x], lr=0.01)
        for step in range(steps + 1):
            loss = torch.nn.functional.cross_entropy(classifier(x), target[None])
            if loss < goal or step == steps:
                break
            adam.zero_grad()
            loss.backward()
            adam.step()
        ends.append(x.detach()[0])
        counts.append(step)
    return torch.stack(ends), torch.tensor(counts)


def test_a_batch_goes_where_its_problems_go_alone(classifier):
    images, targets = random_images(12), torch.arange(12) % 4
    ends, counts = one_by_one(classifier, images, targets, 40, 0.05)
    assert counts.min() < counts.max(), "the problems must end at different steps to show anything"
    optimum = minimise(classifier, Towards(targets, 0.05), images, steps=40, learning_rate=0.01)
    assert torch.equal(optimum.steps, counts)
    assert torch.allclose(optimum.variables, ends, atol=1e-4)


def test_the_trace_holds_every_loss_until_a_problem_ends(classifier):
    images, targets = random_images(6), torch.arange(6) % 4
    optimum = minimise(classifier, Towards(targets, 0.05), images, steps=30, learning_rate=0.01)
    final = CrossEntropy(targets)(images, classifier(optimum.variables))
    for k, steps in enumerate(optimum.steps.tolist()):
        column = optimum.trace[:, k]
        assert not column[: steps + 1].isnan().any()
        assert column[steps + 1 :].isnan().all()
        assert column[steps].item() == pytest.approx(final[k].item(), abs=1e-5)
    assert optimum.passes == int((optimum.steps + 1).sum())


def test_the_start_is_left_alone_and_a_caller_may_stop(classifier):
    images = random_images(2)
    before = images.clone()

    def stop(step, total, **metrics):
        if step >= 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        minimise(
            classifier, Towards(torch.tensor([0, 1]), 0), images, steps=9, learning_rate=0.1,
            report=stop,
        )  # fmt: skip
    assert torch.equal(images, before)
