"""What each detector of ours can do: attacked digits told from their clean twins, all of them new to it.

A floor says what this network and this attack leave to be seen; another detector need not reach any.
"""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from engine.detectors.detecting import make_detector

FLOORS = {
    "mode-connectivity": 0.6,
    "lid": 0.7,
    "mahalanobis": 0.9,
    "input-mfs": 0.9,
    "layer-mfs": 0.8,
    "layer-pfs": 0.75,
    "short-paths": 0.95,
    "ensemble": 0.95,
}
"""Areas under the ROC curve; chance is 0.5."""


@pytest.mark.parametrize("name", FLOORS)
def test_attacked_digits_are_told_from_clean_ones(name, classifier, references, twins):
    clean, attacked = twins
    detector = make_detector(name, classifier, references).fit(clean[:40], attacked[:40])
    scores = [detector.score(images[40:]) for images in twins]
    truth = np.repeat([0, 1], [len(own) for own in scores])
    assert roc_auc_score(truth, np.concatenate(scores)) > FLOORS[name]
