"""Optimal inputs of networks before and in training, as pages and notebooks ask for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.experiments.pair.results import PairResult
from engine.experiments.result import Result
from engine.words import figure, nats

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False)
class UntrainedResult(PairResult):
    """Pairs of optimal inputs of networks at initialisation; the paths are those of one pair, if any."""

    @property
    def shown(self) -> bool:
        """Whether a pair was walked in depth: whether any pair of inputs is optimal."""
        return bool(self.tracks)

    @property
    def pairs(self) -> pd.DataFrame:
        """A row for each pair: losses of its inputs and heights in nats, rounds, whether connected."""
        return self.tables["pairs"]

    @property
    def fractions(self) -> pd.DataFrame:
        """A row a round: the share of optimal pairs connected by then, with its 95 % interval."""
        return self.tables["fractions"]

    @property
    def inputs(self) -> pd.DataFrame:
        """A row for each input: its loss in nats, the steps it took, its lowest and highest value."""
        return self.tables["inputs"]

    @property
    def search(self) -> pd.DataFrame:
        """The loss of every input on its way."""
        return self.tables["search"]

    @property
    def outcome(self) -> str:
        return f"{self.summary['joined']} of {self.summary['converged']} pairs connected"


@dataclass(frozen=True, repr=False)
class EvolutionResult(Result):
    """Barriers between optimal inputs while a network learns."""

    @property
    def barriers(self) -> pd.DataFrame:
        """A row for each moment: `phase` and `number`, and the heights in nats over the pairs."""
        return self.tables["barriers"]

    @property
    def curves(self) -> pd.DataFrame:
        """The mean loss and its quartiles at each place of the straight lines, for each moment."""
        return self.tables["curves"]

    @property
    def outcome(self) -> str:
        first, last = figure(self.summary["first_height"]), nats(self.summary["last_height"])
        return f"Mean barrier {first} to {last}"
