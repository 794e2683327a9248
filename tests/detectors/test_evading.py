"""The attack that knows the detector: within its budget, erring, and cleaner to the detector than plain."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch

from engine.detectors import DETECTORS
from engine.detectors.computing.models import Logistic
from engine.detectors.detecting import make_detector
from engine.detectors.evading import evade, knowledge
from tests.detectors.listening import Listening, rows
from tests.detectors.small import SHAPE, Small, small_classifier
from tests.networks import random_images

EPS, STEPS = 0.15, 12


@pytest.mark.parametrize("name", DETECTORS)
def test_a_known_detector_is_evaded_within_the_budget(name, classifier, references, twins):
    detector = make_detector(name, classifier, references)
    features = [detector.features(images[:40]) for images in twins]
    learning, choosing = (
        tuple(sample[rows] for sample in features) for rows in (slice(0, 30), slice(30, None))
    )
    model = knowledge(detector.fit_split(learning, choosing), learning, choosing)
    clean = twins[0][40:56]
    with torch.inference_mode():
        labels = classifier(clean).argmax(1)

    def made(knowing):
        images = evade(detector, clean, labels, knowing, EPS, STEPS)
        assert float((images - clean).abs().max()) <= EPS + 1e-6
        assert float(images.amin()) >= 0
        assert float(images.amax()) <= 1
        with torch.no_grad():
            measured = detector.compute_features(images)[:, detector.columns("")]
            suspicion = measured.double() @ torch.from_numpy(model.slope())
            return suspicion, classifier(images).argmax(1) != labels

    (plain, lost), (knowing, evaded) = made(None), made(model)
    assert torch.equal(lost, evaded), "what can be made to err is made to err with either"
    assert int(lost.sum()) >= 8
    assert float(knowing[lost].mean()) <= float(plain[lost].mean())


@pytest.fixture(scope="module")
def plain_sight():
    """A detector whose features are the pixels, images that it looks at, and what is seen in them."""
    network = Small(classes=2, overwrites=False)
    with torch.no_grad():
        network.last.bias -= small_classifier(network=network, classes=2)(
            random_images(32, SHAPE)
        ).mean(0)
    classifier = small_classifier(network=network, classes=2)
    images = random_images(32, SHAPE)
    with torch.no_grad():
        return Listening(classifier), images, classifier(images).argmax(1)


def suspicion_after(plain_sight, model, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """What a linear model thinks of images after so many steps, and which of them err."""
    detector, images, labels = plain_sight
    found = evade(detector, images, labels, model, 0.1, steps)
    with torch.no_grad():
        errs = (detector.classifier(found).argmax(1) != labels).numpy()
    return found.flatten(1).double().numpy() @ SLOPE, errs


def test_further_tries_only_gain(plain_sight):
    """Each counts where it is better than those before; in both orders of the goals, within the budget."""
    detector, images, labels = plain_sight
    model = Logistic()
    model.weights = SLOPE
    found = [evade(detector, images, labels, model, 0.1, 6, restarts=tries) for tries in (0, 1, 4)]
    with torch.no_grad():
        errs = [(detector.classifier(some).argmax(1) != labels).numpy() for some in found]
    looks = [some.flatten(1).double().numpy() @ SLOPE for some in found]
    for k in (0, 1):
        assert errs[k + 1][errs[k]].all()
        assert (looks[k + 1][errs[k]] <= looks[k][errs[k]] + 1e-6).all()
        assert float((found[k + 1] - images).abs().max()) <= 0.1 + 1e-6
    assert (looks[2] < looks[0] - 0.1)[errs[0]].any() or errs[2].sum() > errs[0].sum()


SLOPE = np.random.default_rng(3).normal(size=int(np.prod(SHAPE)))


def test_of_all_erring_images_on_the_way_the_cleanest_is_kept(plain_sight):
    """More steps pass by the same images and some more; and the way leads against the slope."""
    model = Logistic()
    model.weights = SLOPE
    found = [suspicion_after(plain_sight, model, steps) for steps in (8, 9, 10, 16, 40)]
    for (before, erred), (after, errs) in pairwise(found):
        assert errs[erred].all()
        assert (after[erred] <= before[erred] + 1e-6).all()
    plain, lost = suspicion_after(plain_sight, None, 40)
    knowing, errs = found[-1]
    assert errs.sum() > 10
    both = errs & lost
    reach = 0.1 * np.abs(SLOPE).sum()
    assert ((plain - knowing)[both] > 0.3 * reach).all()


def test_what_is_known_of_a_detector_is_its_own_model_or_one_that_learnt_from_the_same_images():
    detector = Listening()
    learning, choosing = ((rows(some), rows(some, 1)) for some in (range(40), range(1000, 1020)))
    detector.fit_split(learning, choosing)
    known = knowledge(detector, learning, choosing)
    assert np.allclose(known.arrays()["mean"], np.concatenate(learning).mean(0))
    assert known.score(learning[0]).max() < 0.5 < known.score(learning[1]).min()
    own = detector.model = Logistic()
    own.weights = SLOPE
    assert knowledge(detector, learning, choosing) is own
