"""Each attack does what its formula says: closed forms on linear models, and the other library."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import foolbox
import numpy as np
import pytest
import torch
import torch.nn.functional as F
import torchattacks

from engine.attacks.adam import AdamSettings
from engine.attacks.attacking import attack
from engine.attacks.gradient_sign import start_noise
from engine.classifiers import load_classifier
from engine.datasets import load_dataset
from engine.images import to_pixels
from tests.attacks.linear import (
    border_distances,
    inner_images,
    linear_classifier,
    parameters_of,
    random_linear,
)
from tests.networks import random_images, tiny_classifier


@pytest.fixture(scope="module")
def linear():
    return random_linear()


@pytest.fixture(scope="module")
def tiny():
    return tiny_classifier()


def foolboxed(classifier):
    return foolbox.PyTorchModel(classifier, bounds=(0, 1), device="cpu")


def exact_direction(classifier, images, labels):
    """The gradient of the cross-entropy of a linear model: (softmax - one-hot) @ W, float64."""
    weight, bias = parameters_of(classifier)
    x = images.double().flatten(1)
    shares = (x @ weight.T + bias).softmax(1)
    shares[torch.arange(len(labels)), labels] = 0
    shares[torch.arange(len(labels)), labels] = -shares.sum(1)
    return (shares @ weight).reshape(images.shape)


def test_fgsm_is_the_sign_of_the_closed_form(linear):
    images = inner_images(20)
    labels = linear(images).argmax(1)
    result = attack("fgsm", linear, images, labels, eps=0.05)
    expected = images + 0.05 * exact_direction(linear, images, labels).sign().float()
    assert torch.allclose(result.images, expected, atol=1e-6)


@pytest.mark.parametrize("margin", [25.0, 150.0, 600.0])
def test_a_very_sure_classifier_still_has_its_gradient(margin):
    weight, bias = parameters_of(random_linear(classes=3, scale=1.0))
    sure = torch.zeros(3)
    sure[0] = margin
    classifier = linear_classifier(weight, bias + sure)
    images, labels = inner_images(20), torch.zeros(20, dtype=torch.long)
    for name in ("fgsm", "bim"):
        result = attack(name, classifier, images, labels, eps=0.01)
        expected = images + 0.01 * exact_direction(classifier, images, labels).sign().float()
        assert torch.allclose(result.images, expected, atol=1e-6)
    plain = torchattacks.FGSM(classifier, eps=0.01)(images, labels)
    assert not torch.allclose(plain, expected, atol=1e-6), "the library alone would do"


def test_fgsm_and_bim_are_foolbox_s(tiny):
    images = random_images(16)
    labels = tiny(images).argmax(1)
    criterion = foolbox.criteria.Misclassification(labels)
    theirs = foolbox.attacks.FGSM().run(foolboxed(tiny), images, criterion, epsilon=0.05)
    ours = attack("fgsm", tiny, images, labels, eps=0.05).images
    assert torch.allclose(ours, theirs, atol=1e-6)
    iterative = foolbox.attacks.LinfBasicIterativeAttack(abs_stepsize=0.01, steps=10)
    iterative.random_start = False
    theirs = iterative.run(foolboxed(tiny), images, criterion, epsilon=0.05)
    ours = attack("bim", tiny, images, labels, eps=0.05, step_size=0.2).images
    assert torch.allclose(ours, theirs, atol=1e-6)


def test_pgd_is_foolbox_s_from_the_same_start(tiny):
    images = random_images(16)
    labels = tiny(images).argmax(1)
    noise = start_noise(images, 0.05, seed=7)

    class FromThere(foolbox.attacks.LinfProjectedGradientDescentAttack):
        def get_random_start(self, x0, epsilon):
            return x0 + type(x0)(noise)

    theirs = FromThere(abs_stepsize=0.01, steps=20).run(
        foolboxed(tiny), images, foolbox.criteria.Misclassification(labels), epsilon=0.05
    )
    ours = attack("pgd", tiny, images, labels, eps=0.05, steps=20, step_size=0.2, seed=7).images
    assert torch.allclose(ours, theirs, atol=1e-6)


def test_the_start_of_pgd_is_uniform_and_each_image_s_own():
    images = random_images(40)
    noise = start_noise(images, 0.1, seed=0)
    assert noise.abs().max() <= 0.1
    shares = torch.histc(noise, 10, -0.1, 0.1) / noise.numel()
    assert torch.allclose(shares, torch.full((10,), 0.1), atol=0.02)
    assert torch.equal(start_noise(images[[5, 2]], 0.1, seed=0), noise[[5, 2]])
    assert not torch.equal(start_noise(images, 0.1, seed=1), noise)
    assert len(noise.flatten(1).unique(dim=0)) == 40


def test_starts_of_attacks_side_by_side_do_not_mix(tiny):
    images = random_images(16)
    labels = tiny(images).argmax(1)

    def noisy(seed):
        return attack("pgd", tiny, images, labels, seed=seed, steps=30).images

    alone = [noisy(seed) for seed in range(4)]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(noisy, range(4)))
    assert all(map(torch.equal, alone, together))


@pytest.mark.parametrize("overshoot", [0.0, 0.02, 0.5])
def test_deepfool_goes_to_the_nearest_border_and_beyond(linear, overshoot):
    images = inner_images(20)
    labels = linear(images).argmax(1)
    nearest = border_distances(linear, images).amin(1)
    near = nearest < 0.5
    assert near.sum() >= 5
    result = attack("deepfool", linear, images[near], labels[near], overshoot=overshoot)
    # foolbox adds 1e-4 to every distance.
    expected = (1 + overshoot) * (nearest[near] + 1e-4)
    assert result.success.all()
    assert torch.allclose(result.l2.double(), expected, rtol=1e-3)
    assert (result.forward_passes == 1 + 3 + 1).all()


def test_cw_comes_near_the_border():
    linear = random_linear(classes=2)
    images = inner_images(20)
    labels = linear(images).argmax(1)
    nearest = border_distances(linear, images).amin(1)
    near = (nearest < 0.5) & (nearest > 0.02)
    assert near.sum() >= 5
    result = attack("cw", linear, images[near], labels[near], steps=200, initial_const=1)
    ratio = result.l2.double() / nearest[near]
    assert result.success.all()
    assert ratio.min() > 0.9999
    assert ratio.max() < 1.01


def test_cw_wins_by_the_margin_that_is_asked_for(linear):
    images = inner_images(12)
    labels = linear(images).argmax(1)
    result = attack("cw", linear, images, labels, steps=200, initial_const=1, confidence=2)
    logits = linear(result.images)
    margin = logits.amax(1) - logits.gather(1, labels[:, None])[:, 0]
    assert result.success.all()
    assert margin.min() >= 2 - 1e-4


def test_where_cw_finds_nothing_the_image_comes_back_and_not_black(tiny):
    images = random_images(30)
    labels = tiny(images).argmax(1)
    other = labels != tiny(torch.zeros_like(images[:1])).argmax(1)
    result = attack(
        "cw", tiny, images[other], labels[other], steps=1, searches=1, initial_const=1e-9
    )
    assert other.sum() > 5
    assert not result.success.any()
    assert torch.equal(result.images, images[other])


def test_adam_is_the_paper_s_loop(tiny):
    images, labels = random_images(6), tiny(random_images(6)).argmax(1)
    targets = (labels + 1) % 4
    settings = AdamSettings(iterations=40, longest_stride=1, high_frequency_weight=1e-3)
    result = attack("adam", tiny, images, labels, target=targets, settings=settings)
    for k in range(6):
        x = images[k : k + 1].clone().requires_grad_(True)
        adam = torch.optim.Adam([x], lr=0.005)
        losses = []
        for step in range(41):
            loss = F.cross_entropy(tiny(x), targets[k : k + 1])
            losses.append(loss.item())
            if step == 40:
                break
            rough = sum(x.diff(dim=axis).square().sum() for axis in (2, 3))
            near = (x - images[k]).square().mean()
            adam.zero_grad()
            (loss + 0.1 * near + 1e-3 * rough).backward()
            adam.step()
            x.data.clamp_(0, 1)
        assert torch.allclose(result.images[k], x.detach()[0], atol=1e-4)
        assert np.allclose(result.trace[:, k], losses, atol=1e-3)


@pytest.fixture(scope="module")
def shapes():
    classifier = load_classifier("shapes-resnet")
    data = load_dataset("shapes", "test", size=(32, 32), channels=3)
    images = torch.from_numpy(to_pixels(data.batch(range(8))))
    return classifier, images, classifier(images).argmax(1)


def test_deepfool_agrees_with_torchattacks(shapes):
    classifier, images, labels = shapes
    ours = attack("deepfool", classifier, images, labels)
    theirs = torchattacks.DeepFool(classifier)(images, labels)
    norms = (theirs - images).flatten(1).norm(dim=1)
    assert ours.success.all()
    assert torch.allclose(ours.l2, norms, rtol=0.15)


def test_deepfool_moves_less_than_the_others(shapes):
    classifier, images, labels = shapes
    small = attack("deepfool", classifier, images, labels)
    box = attack("bim", classifier, images, labels, eps=0.1)
    aimed = attack("adam", classifier, images, labels, iterations=64)
    assert box.success.all()
    assert aimed.success.all()
    assert (small.l2 < box.l2).all()
    assert (small.l2 < aimed.l2).all()
