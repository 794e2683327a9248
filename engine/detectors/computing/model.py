"""The contract of what learns from features. A score is a probability of attack.

Scores are worked out image by image from what `arrays` keeps: so a reloaded model gives the same bits, and
neither order nor number of the images matters.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar, Self

import numpy as np
from scipy.special import logit


class Model(ABC):
    """A classifier of features (N, F) into clean and attacked."""

    kind: ClassVar[str]

    @abstractmethod
    def fit(
        self,
        features: np.ndarray,
        attacked: np.ndarray,
        choosing: np.ndarray,
        choosing_attacked: np.ndarray,
        seed: int,
    ) -> None:
        """Learn from features (N, F) and bool (N,); the second pair chooses what is left to choose."""

    @abstractmethod
    def score(self, features: np.ndarray) -> np.ndarray:
        """Scores (N,) in [0, 1], above 0.5 for what is called an attack."""

    def log_odds(self, features: np.ndarray) -> np.ndarray:
        """Logarithms (N,) of the odds of an attack, from features (N, F)."""
        odds: np.ndarray = logit(self.score(features))
        return odds

    def slope(self) -> np.ndarray | None:
        """What a score's logit grows by with each feature, float64 (F,), where the model is linear."""
        return None

    @abstractmethod
    def arrays(self) -> dict[str, np.ndarray]:
        """What the fitted model is."""

    @classmethod
    @abstractmethod
    def of(cls, arrays: Mapping[str, np.ndarray]) -> Self:
        """The model that `arrays` described."""


def weights_of(attacked: np.ndarray) -> np.ndarray:
    """Weights (N,) under which clean and attacked images count alike, of mean 1."""
    share = np.where(attacked, attacked.mean(), 1 - attacked.mean())
    weights: np.ndarray = 0.5 / share
    return weights
