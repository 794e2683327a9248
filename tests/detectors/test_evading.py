"""The attack that knows the detector: within its budget, erring, and cleaner to the detector than plain."""

from __future__ import annotations

import pytest
import torch

from engine.detectors.detecting import DETECTORS, make_detector
from engine.detectors.evading import evade, knowledge

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
            measured = detector.measured(images)[:, detector.columns("")]
            suspicion = measured.double() @ torch.from_numpy(model.slope())
            return suspicion, classifier(images).argmax(1) != labels

    (plain, lost), (knowing, evaded) = made(None), made(model)
    assert torch.equal(lost, evaded), "what can be made to err is made to err with either"
    assert int(lost.sum()) >= 8
    assert float(knowing[lost].mean()) <= float(plain[lost].mean())
