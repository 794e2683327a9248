"""The barriers of many pairs, as pages and notebooks ask for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.experiments.result import Array, Result, Table, Told, row_where
from engine.words import duration, nats, share

if TYPE_CHECKING:
    import pandas as pd


def attacked_of(counts: Mapping[str, int]) -> int:
    """Of how many pairs the source was attacked, by how many pairs came to what end."""
    return counts["drawn"] - counts.get("misclassified", 0) - counts.get("damaged", 0)


@dataclass(frozen=True, repr=False)
class PopulationResult(Result):
    """Pairs of both branches, "real" and "adversarial"; losses, heights and gaps are in nats."""

    pairs = Table("A row for each pair that was kept.")
    t = Array("The places of the curves' points, from 0 to 1.")

    def curves(self, branch: str) -> np.ndarray:
        """The loss curves (N, points) of a branch."""
        return self.arrays["curves"][self.pairs["branch"].to_numpy() == branch]

    def samples(self, branch: str, measure: str) -> np.ndarray:
        """The "height" or "gap" of every pair of a branch, (N,)."""
        return self.pairs.loc[self.pairs["branch"] == branch, measure].to_numpy()

    def statistics(self, branch: str, measure: str) -> dict[str, Any]:
        """Mean, median and so on of one branch, with their intervals."""
        return row_where(self.tables["statistics"], branch=branch, measure=measure)

    def tests(self, measure: str) -> dict[str, Any]:
        """How far the branches differ: AUC, effect size, tests."""
        return row_where(self.tables["tests"], measure=measure)

    @property
    def sketch(self) -> list[np.ndarray]:
        return [self.curves(branch).mean(0) for branch in ("adversarial", "real")]

    def counts(self, branch: str) -> dict[str, int]:
        """How many pairs of a branch came to what end, and how many were drawn."""
        return self.summary["counts"][branch]

    def left_out(self, branch: str) -> list[str]:
        """Names of the classes with too few images."""
        return list(self.summary["left_out"][branch])

    @property
    def joined(self) -> pd.DataFrame | None:
        """The pairs with what joined them: `rounds`, `segments`, `joined`, `left` and so on.

        None where only their straight paths were measured.
        """
        return self.pairs if "rounds" in self.pairs else None

    def taking(self, branch: str, rounds: int) -> tuple[int, int]:
        """Of the pairs of a branch with a barrier: how many take more rounds than these, of how many.

        One that is never joined counts as taking more.
        """
        own = self.pairs[self.pairs["branch"] == branch]
        barred = own[own["rounds"] > 0]
        more = (barred["rounds"] > rounds) | (barred["joined"] == 0)
        return int(more.sum()), len(barred)

    @property
    def outcome(self) -> str:
        real, adversarial = (
            self.summary[f"{branch}_gap"]["median"] for branch in ("real", "adversarial")
        )
        return f"Median gap {nats(adversarial)}, of real pairs {nats(real)}"


@dataclass(frozen=True, repr=False)
class AttacksResult(Result):
    """The population of every attack, side by side."""

    attacks = Table(
        "A row for each attack: how often it succeeds, how far it goes, what barriers it leaves."
    )
    pairs = Table('Height and gap of every pair, in nats; `group` is "real" or the attack.')

    keys = Told[dict[str, str]]("Attack -> the key of its population.")

    missing = Told[dict[str, str]]("Attack -> why it has no population.")

    @property
    def sketch(self) -> list[np.ndarray]:
        return [np.sort(list(self.summary["auc_gap"].values()))]

    @property
    def outcome(self) -> str:
        areas = self.summary["auc_gap"].values()
        return f"{len(areas)} attacks, AUC of the gap {share(min(areas))} to {share(max(areas))}"


@dataclass(frozen=True, repr=False)
class ForecastResult(Result):
    """What a pair takes on each device of this machine."""

    devices = Told[dict[str, dict[str, Any]]](
        "Device -> its name and seconds: `real_s` and `adversarial_s` (by attack) a pair, `total_s`."
    )

    @property
    def outcome(self) -> str:
        found = self.devices.values()
        took = {one["name"]: one["real_s"] + sum(one["adversarial_s"].values()) for one in found}
        return ", ".join(f"About {duration(took[name])} a pair on {name}" for name in took)
