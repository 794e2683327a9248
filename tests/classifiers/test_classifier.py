"""What every classifier promises: normalisation inside, float32 out, gradients, any thread."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy

import numpy as np
import pytest
import torch
from torch import nn

from engine.classifiers.cards import Card
from engine.classifiers.classifier import Classifier, fast_layout
from engine.errors import ImageError
from tests.classifiers.small import Small


@pytest.fixture
def classifier() -> Classifier:
    card = Card(
        "small", "Small", ("red", "green", "blue"), (3, 8, 8), (0.5, 0.4, 0.3), (0.2, 0.3, 0.4)
    )
    return Classifier(card, Small(), layout=torch.channels_last)


IMAGES = torch.rand(5, 3, 8, 8, generator=torch.Generator().manual_seed(1))


def test_normalisation_is_inside(classifier: Classifier) -> None:
    mean, std = np.float64([0.5, 0.4, 0.3]), np.float64([0.2, 0.3, 0.4])
    pixels = (IMAGES.double().numpy() - mean[:, None, None]) / std[:, None, None]
    expected = deepcopy(classifier.network).double()(torch.from_numpy(pixels))
    logits = classifier(IMAGES)
    assert logits.dtype == torch.float32
    assert torch.allclose(logits.double(), expected, atol=1e-6)


def test_an_array_is_as_good_as_a_tensor(classifier: Classifier) -> None:
    array = IMAGES.numpy().copy()
    array.flags.writeable = False
    mirrored = array[..., ::-1]
    assert torch.equal(classifier(array), classifier(IMAGES))
    assert torch.equal(classifier(mirrored), classifier(IMAGES.flip(3)))
    assert torch.equal(classifier(array.astype(np.float64)), classifier(IMAGES))


def test_gradients_are_those_of_finite_differences(classifier: Classifier) -> None:
    precise = deepcopy(classifier).double()
    images = IMAGES.double()[:2].requires_grad_(True)
    assert torch.autograd.gradcheck(precise, (images,), eps=1e-7, atol=1e-5)


def test_it_is_frozen_and_always_evaluates(classifier: Classifier) -> None:
    assert not any(weight.requires_grad for weight in classifier.parameters())
    classifier.train()
    assert not any(module.training for module in classifier.modules())
    before = {name: value.clone() for name, value in classifier.state_dict().items()}
    first = classifier(IMAGES.clone().requires_grad_(True))
    first.sum().backward()
    assert torch.equal(first, classifier(IMAGES))
    assert all(torch.equal(value, before[name]) for name, value in classifier.state_dict().items())


def test_images_do_not_see_one_another(classifier: Classifier) -> None:
    together = classifier(IMAGES)
    alone = torch.cat([classifier(image[None]) for image in IMAGES])
    assert torch.allclose(together, alone, atol=1e-6)
    assert classifier(IMAGES[:0]).shape == (0, 3)


def test_the_callers_images_are_left_alone(classifier: Classifier) -> None:
    images = IMAGES.clone()
    classifier(images)
    assert torch.equal(images, IMAGES)


@pytest.mark.parametrize(
    "images",
    [
        torch.rand(8, 8),
        torch.rand(1, 8, 8),
        torch.rand(2, 1, 8, 8),
        torch.rand(2, 3, 8, 9),
        np.zeros((2, 8, 8, 3), dtype=np.float32),
    ],
)
def test_another_shape_is_refused_with_both_shapes(classifier: Classifier, images: object) -> None:
    with pytest.raises(ImageError, match=r"small takes images of shape \('N', 3, 8, 8\), got \("):
        classifier(images)


def test_bytes_are_no_pixels(classifier: Classifier) -> None:
    with pytest.raises(ImageError, match=r"float images in \[0, 1\], got torch\.uint8"):
        classifier(np.zeros((1, 3, 8, 8), dtype=np.uint8))


def test_two_threads_may_share_it(classifier: Classifier) -> None:
    def gradient(images: torch.Tensor) -> torch.Tensor:
        images = images.clone().requires_grad_(True)
        return torch.autograd.grad(classifier(images).logsumexp(1).sum(), images)[0]

    batches = [torch.rand(4, 3, 8, 8) for _ in range(40)]
    expected = [gradient(batch) for batch in batches]
    with ThreadPoolExecutor(2) as pool:
        for ours, theirs in zip(expected, pool.map(gradient, batches), strict=True):
            assert torch.allclose(ours, theirs, atol=1e-6)


def test_pictures_are_prepared_for_it(classifier: Classifier) -> None:
    picture = np.full((20, 31, 3), 200, dtype=np.uint8)
    assert np.array_equal(classifier.prepare(picture), np.full((8, 8, 3), 200, dtype=np.uint8))
    grey = np.full((9, 9, 1), 7, dtype=np.uint8)
    assert classifier.prepare(grey).shape == (8, 8, 3)


def test_it_says_what_it_is(classifier: Classifier) -> None:
    assert repr(classifier) == "<Classifier 'small': 3 x 8 x 8 -> 3 classes, cpu>"


def test_a_network_that_views_its_activations_keeps_its_layout() -> None:
    class Viewing(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 4, 3, padding=1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.conv(x).view(len(x), 16, 16)

    cpu = torch.device("cpu")
    network = Viewing().to(memory_format=torch.channels_last)
    assert fast_layout(network, (3, 8, 8), cpu) == torch.contiguous_format
    assert fast_layout(Small().eval(), (3, 8, 8), cpu) == torch.channels_last
