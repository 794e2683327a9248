"""Nearest neighbours, for features of two kinds whose balance has to be found (sec. 4.2.1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

import numpy as np
from scipy.spatial.distance import cdist
from sklearn.metrics import roc_auc_score

from engine.detectors.computing.model import Model, weights_of

NEIGHBOURS = (51, 25, 15, 9, 5, 3, 1)
"""Numbers of neighbours to choose from; of equally good ones the most, whose scores are finest."""

BALANCES = (1.0, 0.3, 3.0, 0.1, 10.0, 0.03, 0.01)
"""Weights of the second part to choose from, the first being 1; of equally good ones that nearest to 1."""

TOUCHING = 1e-6
"""A neighbour nearer than this part of the features' spread counts as being there."""

ROWS = 256
"""Images that are compared at once with all that was learnt from."""


class Neighbours(Model):
    """Nearest neighbours among what it learnt from.

    Features have two parts: the columns before `divide`, and those from there on.
    Squared distances add up, each part's divided by its total variance, so that at a balance of 1 both
    count alike on average, however many columns they have; columns are not scaled one by one, for some
    hardly vary and would only add noise. A neighbour votes by 1 / distance, and clean and attacked ones
    count alike. Number of neighbours and balance are those of the largest AUC on the choosing images.
    """

    kind = "neighbours"

    def __init__(self, divide: int) -> None:
        self.divide, self.count, self.balance = divide, 1, 1.0
        self.features, self.attacked = np.empty((0, 0)), np.empty(0, dtype=bool)

    def fit(
        self,
        features: np.ndarray,
        attacked: np.ndarray,
        choosing: np.ndarray,
        choosing_attacked: np.ndarray,
        seed: int,
    ) -> None:
        """Keep the features; choose how many neighbours vote, and the balance of the parts."""
        self.features, self.attacked = features, attacked
        parts = self._distances(choosing)
        best = -1.0
        counts = sorted({min(count, len(features)) for count in NEIGHBOURS}, reverse=True)
        for balance in BALANCES:
            apart, votes = self._nearest(parts, balance, counts[0])
            for count in counts:
                auc = roc_auc_score(choosing_attacked, _share(apart[:, :count], votes[:, :count]))
                if auc > best:
                    best, self.count, self.balance = auc, count, balance

    def score(self, features: np.ndarray) -> np.ndarray:
        """The attacked neighbours' share (N,) of the votes."""
        scores = np.empty(len(features))
        for begin in range(0, len(features), ROWS):
            parts = self._distances(features[begin : begin + ROWS])
            scores[begin : begin + ROWS] = _share(*self._nearest(parts, self.balance, self.count))
        return scores

    def _distances(self, features: np.ndarray) -> list[np.ndarray]:
        """Scaled squared distances (N, L) to what it learnt from, in each of the parts."""
        parts = []
        for part in (slice(None, self.divide), slice(self.divide, None)):
            known = self.features[:, part].astype(np.float64)
            variance = float(known.var(0).sum())
            apart = cdist(features[:, part], known, "sqeuclidean")
            parts.append(apart / variance if variance else apart)
        return parts

    def _nearest(
        self, parts: list[np.ndarray], balance: float, count: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Distances (N, count) to the nearest, in increasing order, and their votes, clean ones below 0."""
        apart = np.sqrt(parts[0] + balance**2 * parts[1])
        rows = np.argpartition(apart, count - 1, axis=1)[:, :count]
        near = np.take_along_axis(apart, rows, axis=1)
        order = np.argsort(near, axis=1, kind="stable")
        votes = np.where(self.attacked, 1, -1) * weights_of(self.attacked)
        return np.take_along_axis(near, order, axis=1), votes[
            np.take_along_axis(rows, order, axis=1)
        ]

    def arrays(self) -> dict[str, np.ndarray]:
        """What it learnt from, float32 (L, F) and bool (L,), and what it chose."""
        chosen = {"divide": self.divide, "count": self.count, "balance": self.balance}
        return {
            "features": self.features,
            "attacked": self.attacked,
            **{name: np.array(value) for name, value in chosen.items()},
        }

    @classmethod
    def of(cls, arrays: Mapping[str, np.ndarray]) -> Self:
        """The neighbours that `arrays` described."""
        model = cls(int(arrays["divide"]))
        model.features, model.attacked = arrays["features"], arrays["attacked"]
        model.count, model.balance = int(arrays["count"]), float(arrays["balance"])
        return model


def _share(apart: np.ndarray, votes: np.ndarray) -> np.ndarray:
    """The share (N,) of attacked neighbours, votes (N, k) above 0, among all, weighted by nearness."""
    weights = np.abs(votes) / np.maximum(apart, TOUCHING)
    return np.sum(weights * (votes > 0), axis=1) / np.sum(weights, axis=1)
