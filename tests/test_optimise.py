"""The loop is Adam problem by problem: batches, removals and ends change no problem's course."""

from __future__ import annotations

from typing import Self

import pytest
import torch

from engine.descent import Adam, GradientDescent, Strides
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

    def is_solved(self, variables, loss, step):
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
            loss = torch.nn.functional.cross_entropy(classifier.forward(x), target[None])
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
    final = CrossEntropy(targets)(images, classifier.forward(optimum.variables))
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


@pytest.mark.parametrize("decay", [0.0, 0.1, 2.0])
@pytest.mark.parametrize(
    ("descent", "known"), [(Adam, torch.optim.Adam), (GradientDescent, torch.optim.SGD)]
)
def test_optimisers_are_torchs_own(descent, known, decay):
    generator = torch.Generator().manual_seed(3)
    start = torch.rand(3, 1, 4, 4, generator=generator)
    gradients = torch.randn(60, *start.shape, generator=generator)
    theirs = start.clone().requires_grad_(True)
    optimiser = known([theirs], lr=0.01, weight_decay=decay)
    ours, own = start.clone(), descent(start, 0.01, decay)
    for gradient in gradients:
        theirs.grad = gradient
        optimiser.step()
        ours = own.step(ours, gradient, torch.ones(3, dtype=torch.long))
    assert torch.allclose(ours, theirs.detach(), atol=1e-6)
    assert own.clock.tolist() == [60, 60, 60]


def test_a_stride_is_many_steps_where_the_gradient_hardly_changes():
    start, gradient = (
        torch.zeros(1, 1, 2, 2),
        torch.tensor([1e-3, -2e-3, 0.0, 5.0]).reshape(1, 1, 2, 2),
    )
    single, long = Adam(start, 0.005, 0.0), Adam(start, 0.005, 0.0)
    one, many = start, start
    for _ in range(64):
        one = single.step(one, gradient, torch.ones(1, dtype=torch.long))
    for _ in range(4):
        many = long.step(many, gradient, torch.full((1,), 16))
    assert torch.allclose(one, many, rtol=1e-4, atol=1e-7)
    assert torch.allclose(single.mean, long.mean, rtol=1e-5)
    assert torch.allclose(single.square, long.square, rtol=1e-4)
    assert single.clock.tolist() == long.clock.tolist() == [64]


def test_a_stride_along_a_constant_gradient_is_as_long_as_its_steps():
    start, gradient = random_images(2), random_images(2, seed=1)
    single, long = (GradientDescent(start, 0.01, 0.0) for _ in range(2))
    one = start
    for _ in range(12):
        one = single.step(one, gradient, torch.ones(2, dtype=torch.long))
    many = long.step(start, gradient, torch.tensor([12, 5]))
    assert torch.allclose(many[0], one[0], atol=1e-6)
    assert torch.allclose(start[1] - many[1], 5 / 12 * (start[1] - one[1]), atol=1e-6)
    assert long.clock.tolist() == [12, 5]


def test_strides_grow_with_calm_and_end_with_it():
    strides = Strides(calm=0.01, every=8, longest=16)
    quiet = torch.tensor([0, 1, 7, 8, 15, 16, 24, 32, 400, 100_000])
    assert strides.after(quiet).tolist() == [1, 1, 1, 2, 2, 4, 8, 16, 16, 16]


def test_strides_reach_the_end_of_single_steps_sooner(classifier):
    images, targets = random_images(12), torch.arange(12) % 4
    slow = minimise(classifier, Towards(targets, -1), images, steps=300, learning_rate=0.005)
    strides = Strides(calm=0.1)
    fast = minimise(
        classifier, Towards(targets, -1), images, steps=300, learning_rate=0.005, strides=strides
    )
    assert fast.steps.tolist() == slow.steps.tolist() == [300] * 12
    assert fast.looks.max() < slow.looks.min() / 2
    moved = (slow.variables - images).flatten(1).norm(dim=1)
    apart = (slow.variables - fast.variables).flatten(1).norm(dim=1)
    assert (apart < 0.05 * moved).all()


def test_strides_of_one_step_change_no_bit(classifier):
    images, targets = random_images(6), torch.arange(6) % 4
    plain, single = (
        minimise(
            classifier, Towards(targets, 1e-4), images, steps=60, learning_rate=0.05,
            strides=strides,
        )
        for strides in (None, Strides(calm=10, longest=1))
    )  # fmt: skip
    assert torch.equal(plain.variables, single.variables)
    assert torch.equal(plain.clock, single.clock)
    assert torch.equal(plain.trace.nan_to_num(-1), single.trace.nan_to_num(-1))


def test_the_clock_says_at_which_step_a_loss_was_seen(classifier):
    images, targets = random_images(6), torch.arange(6) % 4
    optimum = minimise(
        classifier, Towards(targets, -1), images, steps=200, learning_rate=0.005,
        strides=Strides(calm=10, every=3, longest=8),
    )  # fmt: skip
    # Calm from the first look on, so strides double after every third look; the last takes what is left.
    expected = [0, 1, 2, 4, 6, 8, 12, 16, *range(20, 200, 8), 200]
    assert all(column.tolist() == expected for column in optimum.clock.T)
    ended = minimise(classifier, Towards(targets, 0.05), images, steps=30, learning_rate=0.01)
    for k, steps in enumerate(ended.steps.tolist()):
        assert ended.clock[: steps + 1, k].tolist() == list(range(steps + 1))
        assert (ended.clock[steps + 1 :, k] == -1).all()


@pytest.mark.parametrize("lanes", [4, 5, 16])
def test_lanes_change_no_course(classifier, lanes):
    images, targets = random_images(12), torch.arange(12) % 4
    alone = minimise(classifier, Towards(targets, 0.05), images, steps=40, learning_rate=0.01)
    laned = minimise(
        classifier, Towards(targets, 0.05), images, steps=40, learning_rate=0.01, lanes=lanes
    )
    assert laned.steps.tolist() == alone.steps.tolist()
    assert torch.allclose(laned.variables, alone.variables, atol=1e-5)
    assert torch.allclose(laned.trace, alone.trace, atol=1e-4, equal_nan=True)
    assert (laned.looks == laned.steps + 1).all()


def test_waiting_problems_get_their_turn_where_all_lanes_end_at_once(classifier):
    images, targets = random_images(40), torch.arange(40) % 4
    laned = minimise(
        classifier, Towards(targets, -1), images, steps=5, learning_rate=0.01, lanes=16
    )
    alone = minimise(classifier, Towards(targets, -1), images, steps=5, learning_rate=0.01)
    assert laned.steps.tolist() == [5] * 40
    assert torch.allclose(laned.variables, alone.variables, atol=1e-5)


def test_with_lanes_no_bit_depends_on_the_other_problems(classifier):
    images, targets = random_images(40), torch.arange(40) % 4
    goal = Towards(targets, 0.02)
    order = torch.randperm(40, generator=torch.Generator().manual_seed(1))
    some = order[:21]
    whole = minimise(classifier, goal, images, steps=60, learning_rate=0.01, lanes=16)
    mixed = minimise(
        classifier, goal.take(some), images[some], steps=60, learning_rate=0.01, lanes=16
    )
    assert torch.equal(mixed.variables, whole.variables[some])
    assert torch.equal(mixed.steps, whole.steps[some])
