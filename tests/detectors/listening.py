"""A detector whose model writes down what it is taught: who was learnt from, who chose, with what labels.

Features are rows of image number, kind (0 clean, else the attack's) and score. A score is the third
number plus the kinds that the model learnt from, so that it tells which model gave it.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import SimpleNamespace

import numpy as np

from engine.detectors import DETECTORS
from engine.detectors.base import Detector
from engine.detectors.computing.models import Model
from engine.detectors.spectra import InputSpectrumSettings

NUMBER, KIND, SCORE = range(3)


class Listener(Model):
    """Keeps the rows that it was given to learn from and to choose with."""

    kind = "listener"
    kept = ()

    def fit(self, learning, choosing, seed):
        self.learnt, self.chose, self.seed = learning[0], choosing[0], seed
        for rows, labels in (learning, choosing):
            assert np.array_equal(rows[:, KIND] > 0, labels), "labels must be those of the rows"

    def score(self, features):
        return features[:, SCORE] + np.unique(self.learnt[:, KIND]).sum()


class Telltale(Listener):
    """Scores by the number, 1 more where it learnt from the image or a copy (numbered from 500 on)."""

    def score(self, features):
        image, learnt = features[:, NUMBER] % 500, self.learnt[:, NUMBER] % 500
        return np.isin(image, learnt) + features[:, NUMBER] / 1024


with DETECTORS.guests():  # it takes part where it is asked by hand, and nowhere else

    class Listening(Detector):
        """Every model that it ever made is in `models`."""

        name = "listening"
        title = "Listening"
        settings_class = InputSpectrumSettings
        forward_passes = 0

        def __init__(self, classifier=None) -> None:
            super().__init__(
                classifier or SimpleNamespace(name="digits-vgg", digest="0"),
                InputSpectrumSettings(),
                {},
            )
            self.models: list[Listener] = []

        def compute_features(self, images):
            return images.flatten(1)

        def new_model(self):
            self.models.append(Listener())
            return self.models[-1]


class Telling(Listening):
    """Its models tell whether they knew an image."""

    def new_model(self):
        self.models.append(Telltale())
        return self.models[-1]


def rows(numbers: Iterable[int], kind: int = 0) -> np.ndarray:
    """Features (N, 3) of images, all of one kind; a score is unlike that of any other image."""
    own = np.array(list(numbers), dtype=float)
    return np.stack([own, np.full(len(own), float(kind)), kind + own / 1024], axis=1)


def numbers(features: np.ndarray, kind: int) -> list[int]:
    """The numbers of the images of one kind, in increasing order."""
    return sorted(features[features[:, KIND] == kind, NUMBER].astype(int).tolist())
