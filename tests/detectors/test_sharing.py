"""Passes that detectors share: the same bits as without, and no image looked at twice."""

from __future__ import annotations

import pytest
import torch

from engine.batches import lanes, narrow
from engine.detectors.layers import channel_means
from engine.detectors.sharing import layers_of, logits_of, once, sharing
from tests.detectors.conftest import digits


@pytest.fixture
def passes(classifier):
    """The number of images in each pass of the classifier."""
    found = []
    handle = classifier.network.register_forward_pre_hook(
        lambda _, given: found.append(len(given[0]))
    )
    yield found
    handle.remove()


@pytest.fixture(scope="module")
def images(classifier):
    return torch.as_tensor(digits("test", slice(0, 50))[0]).to(classifier.device)


def test_logits_are_the_same_bits_and_each_image_passes_once(classifier, images, passes):
    with torch.no_grad(), narrow():
        size = lanes(classifier.input_shape, classifier.device)
        plain = logits_of(classifier, images)
        assert passes == [size] * -(-50 // size)
        passes.clear()
        with sharing():
            first = logits_of(classifier, images[:3])
            again = logits_of(classifier, images[[2, 0, 2, 7]])
            whole = logits_of(classifier, images)
        assert passes == [size] * (2 + -(-46 // size))
    assert torch.equal(whole, plain)
    assert torch.equal(first, plain[:3])
    assert torch.equal(again, plain[[2, 0, 2, 7]])


def test_nothing_is_kept_afterwards(classifier, images, passes):
    with torch.no_grad():
        for _ in range(2):
            with sharing():
                logits_of(classifier, images[:1])
    assert len(passes) == 2


@pytest.mark.parametrize("count", [1, 3, 16])
def test_layers_are_the_same_bits_and_tell_the_logits_too(classifier, images, passes, count):
    own = images[:count]
    with torch.no_grad(), narrow():
        plain = layers_of(classifier, own, channel_means)
        logits = logits_of(classifier, own)
        passes.clear()
        with sharing():
            shared = layers_of(classifier, own, channel_means)
            (first,) = layers_of(classifier, own, channel_means, last=0)
            told = logits_of(classifier, own)
    assert len(passes) == 1
    assert all(torch.equal(a, b) for a, b in zip(shared, plain, strict=True))
    assert torch.equal(first, plain[0])
    assert torch.equal(told, logits)


def test_what_is_worked_out_once_is_worked_out_anew_without_sharing():
    made = []
    with sharing():
        assert once("a", lambda: made.append(1) or 5) == once("a", lambda: 6) == 5
    assert once("a", lambda: 6) == 6
    assert made == [1]
