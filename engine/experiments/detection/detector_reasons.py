"""What a detector's score is usually made of: what its groups of features add, clean and attacked."""

from __future__ import annotations

from engine.attacks import ATTACKS
from engine.experiments.detection.detector_judgement import Judgement
from engine.experiments.detection.feature_shard import FeatureShard

MOST_GRADIENTS = 1000
"""Attacks that take more an image are left out: what they leave is not worth hours here."""


class Reasons(Judgement):
    """A benchmark has these of the detector that decides, computed with its first verdict."""

    kind = "detector-reasons"
    title = "What a detector's score is made of"
    revision = 2
    part_of = "detection"

    def judgement(self) -> Judgement:
        """The detector, fitted."""
        return Judgement(**self.given(Judgement))

    def samples(self) -> tuple[FeatureShard, list[FeatureShard]]:
        """The features of clean images, and those of the same after each attack, as files keep them."""
        costs = {name: ATTACKS[name](self.attack.of(name)).gradients() for name in self.attacks}
        quick = [name for name in costs if costs[name] <= MOST_GRADIENTS] or [*costs]
        attacked = [self.feature_shards(self.name, "rounded", name)[0] for name in quick]
        return self.feature_shards(self.name, "clean")[0], attacked
