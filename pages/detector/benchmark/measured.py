"""A record of a benchmark as the view needs it: titles, headline rates, the paper's, means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from engine.experiments.detection.detection import PAPER, Detection
from engine.experiments.detection.protocol import CONTESTANTS, PUBLISHED
from engine.records import Record
from pages.detector.benchmarks import spec_of

FLOAT, ROUNDED = "float", "8-bit"


@dataclass(frozen=True)
class Measured:
    """What each detector is worth; rates are shares."""

    record: Record

    @property
    def spec(self) -> Detection:
        return spec_of(self.record)

    @property
    def titles(self) -> dict[str, str]:
        """Name of each detector -> its title, in the order of the table."""
        return dict(self.record.summary["detectors"])

    @cached_property
    def attacks(self) -> dict[str, str]:
        """Name of each attack that enough images fell for -> its title."""
        table, out = self.record.tables["attacks"], self.record.summary["left_out"]
        pairs = zip(table["attack"], table["title"], strict=True)
        return {name: title for name, title in pairs if name not in out}

    def headline(self, pixels: str) -> pd.DataFrame:
        """The row of `intervals` that counts for each detector and attack, by its protocol."""
        table = self.record.tables["intervals"]
        trained = table["detector"].map(self.record.summary["protocol"])
        rows = table[(table["pixels"] == pixels) & (table["trained"] == trained)]
        return self.titled(rows)

    def titled(self, table: pd.DataFrame) -> pd.DataFrame:
        """The rows of a table with each detector's title, in the order of the titles."""
        order = {name: k for k, name in enumerate(self.titles)}
        rows = table.assign(title=table["detector"].map(self.titles))
        place = rows["detector"].map(order)
        return rows.loc[place.sort_values(kind="stable").index].reset_index(drop=True)

    def means(self, pixels: str) -> dict[str, float]:
        """Mean AUC over the attacks, by the name of the detector."""
        means: dict[str, float] = self.headline(pixels).groupby("detector")["auc"].mean().to_dict()
        return {name: means[name] for name in self.titles if name in means}

    def one_model(self, name: str) -> bool:
        """Whether a detector's figures are those of one model for all attacks."""
        return bool(self.record.summary["protocol"][name] == "all")

    def paper(self, name: str, attack: str) -> str:
        """The paper's ACC / AUC of a detector; empty where it has none for this image set."""
        rows = PAPER.get(self.spec.dataset, {}).get(CONTESTANTS[name][0])
        return rows[PUBLISHED.index(attack)] if rows and attack in PUBLISHED else ""

    def paper_auc(self, name: str, attack: str) -> float | None:
        """The paper's AUC as a share."""
        words = self.paper(name, attack)
        return float(words.split("/")[1]) / 100 if words else None

    def rates(self, name: str, pixels: str) -> pd.DataFrame:
        """Mean AUC over the splits: a row for each attack learnt from (or all) and tested on."""
        table = self.record.tables["rates"]
        rows = table[(table["detector"] == name) & (table["pixels"] == pixels)]
        means = rows.groupby(["trained", "attack"], sort=False)["auc"].mean().reset_index()
        names: Mapping[str, Any] = {**self.attacks, "all": "All together"}
        return pd.DataFrame(
            {
                "trained": means["trained"].map(names),
                "tested": means["attack"].map(names),
                "auc": means["auc"],
            }
        )
