"""A new kind of experiment, whole, in one file: what somebody would add who has read the room's README."""

from __future__ import annotations

from dataclasses import dataclass

import altair as alt
import numpy as np

from engine.experiments.base import THEORY, Context, Findings, Spec
from engine.experiments.result import Result
from engine.parameters import parameter, within
from engine.random import generator
from engine.words import counted, share


@dataclass(frozen=True, repr=False)
class CoinResult(Result):
    """How a coin fell."""

    @property
    def heads(self) -> float:
        """The share of heads."""
        return float(self.summary["accuracy"])

    @property
    def outcome(self) -> str:
        return f"{share(self.heads)} heads"

    def plot(self) -> alt.Chart:
        """How often each side was up."""
        return alt.Chart(self.tables["sides"]).mark_bar().encode(x="side", y="times")


@dataclass(frozen=True)
class Coin(Spec):
    """Toss a coin some times."""

    kind = "coin"
    title = "Coin"
    revision = 1
    page = "untrained"
    listed = THEORY
    result_class = CoinResult

    tosses: int = parameter(10, "Tosses.", within(1, 1000, "tosses"))
    seed: int = parameter(0, "Seed of the coin.", within(0))

    def subject(self) -> str:
        return f"{self.title}, {counted(self.tosses, 'tosses')}"

    def digests(self) -> dict[str, str]:
        return {}

    def compute(self, context: Context) -> Findings:
        falls = generator(self.seed, "coin").integers(2, size=self.tosses)
        context.report(1, 1)
        # A key that summaries of other kinds have, with other companions.
        sides = {"side": ["tails", "heads"], "times": np.bincount(falls, minlength=2)}
        return Findings({"falls": falls}, {"sides": sides}, {"accuracy": float(falls.mean())})
