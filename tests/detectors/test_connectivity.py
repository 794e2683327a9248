"""The paper's detector: curves are brute force, and end at the reference of the predicted class."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.detectors.detecting import make_detector
from engine.plain import plain_losses

POINTS, EACH = 7, 2


@pytest.fixture(scope="module")
def detector(classifier, references):
    return make_detector(
        "mode-connectivity", classifier, references, points=POINTS, references=EACH
    )


def test_curves_are_brute_force_and_logits_are_sorted(detector, classifier, twins):
    images = twins[1][:5]
    curves, logits = detector.parts(detector.features(images))
    assert curves.shape == (5, EACH, POINTS)
    with torch.inference_mode():
        own = classifier(images)
    assert np.allclose(logits, own.sort(1, descending=True).values, atol=1e-5)
    kept = torch.from_numpy(detector.constants["references"])
    for k, image in enumerate(images):
        target = int(own[k].argmax())
        for j in range(EACH):
            expected = plain_losses(classifier, image, kept[target, j], target, POINTS)
            assert np.allclose(curves[k, j], expected, atol=1e-5)


def test_references_are_the_images_of_lowest_loss_of_each_class(detector, references):
    for label, kept in enumerate(torch.from_numpy(detector.constants["references"])):
        own = references.labels == label
        lowest = references.images[own][references.losses[own].argsort()[:EACH]]
        assert torch.equal(kept, lowest)


@pytest.mark.parametrize(
    "name", ["mode-connectivity", "short-paths", "ensemble", "layer-mfs", "lid"]
)
def test_what_has_a_gradient_is_what_is_learnt_from(name, classifier, references, twins):
    own = make_detector(name, classifier, references)
    images = twins[0][: own.lanes].clone().requires_grad_()
    measured = own.compute_features(images)
    assert np.allclose(measured.detach(), own.features(twins[0][: own.lanes]), atol=1e-4)
    measured.sum().backward()
    assert float(images.grad.abs().sum()) > 0
