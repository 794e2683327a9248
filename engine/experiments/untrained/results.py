"""Optimal inputs of networks before and in training, as pages and notebooks ask for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.experiments.pair.results import PairResult
from engine.experiments.result import Result, Table
from engine.words import figure, nats

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, repr=False)
class UntrainedResult(PairResult):
    """Pairs of optimal inputs of networks at initialisation; the paths are those of one pair, if any."""

    @property
    def shown(self) -> bool:
        """Whether a pair was walked in depth: whether any pair of inputs is optimal."""
        return bool(self.tracks)

    @property
    def sketch(self) -> Sequence[np.ndarray]:
        return super().sketch or [self.search.groupby("step")["loss"].median().to_numpy()]

    pairs = Table(
        "A row for each pair: losses of its inputs and heights in nats, rounds, whether connected."
    )
    fractions = Table(
        "A row a round: the share of optimal pairs connected by then, with its 95 % interval."
    )
    inputs = Table(
        "A row for each input: its loss in nats, the steps it took, its lowest and highest value."
    )
    search = Table("The loss of every input on its way.")

    @property
    def outcome(self) -> str:
        return f"{self.summary['joined']} of {self.summary['converged']} pairs connected"


@dataclass(frozen=True, repr=False)
class EvolutionResult(Result):
    """Barriers between optimal inputs while a network learns."""

    barriers = Table(
        "A row for each moment: `phase` and `number`, and the heights in nats over the pairs."
    )
    curves = Table(
        "The mean loss and its quartiles at each place of the straight lines, for each moment."
    )

    @property
    def sketch(self) -> list[np.ndarray]:
        return [self.barriers["height"].to_numpy()]

    @property
    def outcome(self) -> str:
        first, last = figure(self.summary["first_height"]), nats(self.summary["last_height"])
        return f"Mean barrier {first} to {last}"
