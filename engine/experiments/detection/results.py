"""What detectors are worth, and what they say of images, as pages and notebooks ask for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.attacks import ATTACKS
from engine.experiments.detection.contestants import CONTESTANTS
from engine.experiments.detection.paper import reported, reported_auc
from engine.experiments.result import Array, Result, Table, Told
from engine.words import listed, signed

if TYPE_CHECKING:
    import pandas as pd


FLOAT, ROUNDED = "float", "8-bit"
"""Attacked images as the attack leaves them, and as a file with 8 bits a value keeps them."""


ATTACK, NO_SIGN, CANNOT_JUDGE = "Attack", "No sign of an attack", "Cannot judge"

AGREES, NEARLY = 0.02, 0.1
"""How far from our interval a figure of the paper's may lie that holds here, or holds partly."""

GRID = 40
"""Points of the line that stands for a ROC curve in a list."""

STRONGEST = 3
"""Parts of a score that a sentence names."""

ALL_TOGETHER = "All together"
"""What a model learnt from that learnt from all attacks."""


@dataclass(frozen=True, repr=False)
class BenchmarkResult(Result):
    """What each detector is worth; rates are shares, and `pixels` is FLOAT or ROUNDED."""

    titles = Told[dict[str, str]](
        "Name of each detector -> its title, in the order of the table.", "detectors"
    )

    keys = Told[dict[str, str]](
        "Name of each detector -> the key of its judgement, which holds it fitted."
    )

    left_out = Told[dict[str, str]]("Attacks that too few images fell for -> the reason in words.")

    @cached_property
    def attacks(self) -> dict[str, str]:
        """Name of each attack that enough images fell for -> its title."""
        return {n: title for n, title in self.tried.items() if n not in self.left_out}

    @cached_property
    def tried(self) -> dict[str, str]:
        """Name of each attack that was made -> what it is called today; its title then, if it is gone."""
        table = self.tables["attacks"]
        pairs = zip(table["attack"], table["title"], strict=True)
        return {n: ATTACKS[n].title if n in ATTACKS else title for n, title in pairs}

    def headline(self, pixels: str) -> pd.DataFrame:
        """The row of `intervals` that counts for each detector and attack, by its protocol."""
        table = self.tables["intervals"]
        trained = table["detector"].map(self.summary["protocol"])
        rows = table[(table["pixels"] == pixels) & (table["trained"] == trained)]
        return self.with_titles(rows)

    def with_titles(self, table: pd.DataFrame) -> pd.DataFrame:
        """The rows of a table with each detector's title, in the order of the titles."""
        order = {name: k for k, name in enumerate(self.titles)}
        rows = table.assign(title=table["detector"].map(self.titles))
        place = rows["detector"].map(order)
        return rows.loc[place.sort_values(kind="stable").index].reset_index(drop=True)

    def means(self, pixels: str) -> dict[str, float]:
        """Mean AUC over the attacks, by the name of the detector."""
        means: dict[str, float] = self.headline(pixels).groupby("detector")["auc"].mean().to_dict()
        return {name: means[name] for name in self.titles if name in means}

    @property
    def sketch(self) -> list[np.ndarray]:
        table = self.tables["curves"]
        attacked = table[table["attack"] == next(iter(self.attacks))]
        rows = attacked[attacked["pixels"] == FLOAT].groupby("detector", sort=False)
        grid = np.linspace(0, 1, GRID)
        return [np.interp(grid, one["false_alarms"], one["detected"]) for _, one in rows]

    def one_model(self, name: str) -> bool:
        """Whether a detector's figures are those of one model for all attacks."""
        return bool(self.summary["protocol"][name] == "all")

    def rates(self, name: str, pixels: str) -> pd.DataFrame:
        """Mean AUC over the splits: a row for what was `trained` on and `tested` on, by title."""
        table = self.tables["rates"]
        rows = table[(table["detector"] == name) & (table["pixels"] == pixels)]
        means: pd.DataFrame = (
            rows.groupby(["trained", "attack"], sort=False)["auc"].mean().reset_index()
        )
        return means.assign(
            trained=means["trained"].map({**self.attacks, "all": ALL_TOGETHER}),
            tested=means["attack"].map(self.attacks),
        )

    def harder(self) -> pd.DataFrame:
        """How often each detector takes harder clean images for attacked: altered ones, all kinds in one.

        Those that are misclassified are counted apart. Earlier records have noisy ones alone.
        """
        table = self.tables["negatives"]
        known = table["kind"].isin(["wrong", "noisy", "plain"])
        kinds = table["kind"].where(known, "altered")
        kinds = kinds.mask(table["kind"].isin(["wrong", "altered wrong"]), "misclassified")
        parts = table.assign(kind=kinds, alarms=table["alarms"] * table["images"])
        whole = parts.groupby(["detector", "kind"], sort=False)[["images", "alarms"]].sum()
        whole["alarms"] /= whole["images"]
        return whole.reset_index().query("kind != 'plain'")

    def aspects(self, name: str, pixels: str) -> pd.DataFrame:
        """AUC of what a detector looks at, each alone and all together: a row an aspect, a column an attack.

        By one model for all attacks. Empty for detectors of a single aspect, and in earlier records.
        """
        import pandas as pd

        if "aspects" not in self.tables:
            return pd.DataFrame()
        alone = self._of(self.tables["aspects"], name, pixels)
        if alone.empty:
            return pd.DataFrame()
        rows = self._of(self.tables["intervals"], name, pixels)
        every = rows[rows["trained"] == "all"].assign(aspect=ALL_TOGETHER)
        wide = pd.concat([alone, every]).pivot(index="aspect", columns="attack", values="auc")
        names = [*dict.fromkeys(alone["aspect"]), *every["aspect"].unique()]
        wide = wide.loc[names, [attack for attack in self.attacks if attack in wide]]
        wide["mean"] = wide.mean(axis=1)
        return wide

    def rests_on(self, name: str, pixels: str) -> str:
        """What a detector rests on: the aspect that alone is worth most. Empty where there is one only."""
        alone = self.aspects(name, pixels).drop(index=ALL_TOGETHER, errors="ignore")
        return "" if alone.empty else str(alone["mean"].idxmax())

    def _of(self, table: pd.DataFrame, name: str, pixels: str) -> pd.DataFrame:
        return table[(table["detector"] == name) & (table["pixels"] == pixels)]

    def paper(self, name: str, attack: str) -> str:
        """The paper's accuracy / AUC of a detector in %; empty where it has none for this image set."""
        return reported(self._paper_set, CONTESTANTS[name].detector, attack)

    def paper_auc(self, name: str, attack: str) -> float | None:
        """The paper's AUC as a share."""
        return reported_auc(self._paper_set, CONTESTANTS[name].detector, attack)

    @property
    def _paper_set(self) -> str:
        """The paper's image set that these images are of; earlier records tell it by its name alone."""
        return str(self.summary.get("paper_set", self.spec.dataset))

    def holds(self, row: Any) -> str:
        """Whether the paper's AUC holds in a row of `headline`: "holds", "partly" or "does not hold".

        It holds within `AGREES` of our 95 % interval, and partly within `NEARLY`. Empty without a figure.
        """
        paper = self.paper_auc(row["detector"], row["attack"])
        if paper is None:
            return ""
        apart = max(row["auc_low"] - paper, paper - row["auc_high"])
        return "holds" if apart <= AGREES else "partly" if apart <= NEARLY else "does not hold"

    @property
    def outcome(self) -> str:
        means = {name: fmean(own.values()) for name, own in self.summary["auc"].items() if own}
        best = max(means, key=lambda name: means[name])
        mean = f"mean AUC {100 * means[best]:.1f} %"
        return f"{len(self.titles)} detectors, best {self.titles[best]}: {mean}"


@dataclass(frozen=True, repr=False)
class VerdictResult(Result):
    """The verdicts on N images."""

    def __len__(self) -> int:
        return int(self.summary["images"])

    verdicts = Table(
        "A row an image: class, probability, score, false positives, whether that is an attack's score, "
        "`beyond` (why it cannot be judged), doubts."
    )
    images = Array("The images as the classifier sees them, float32 (N, C, H, W) in [0, 1].")
    points = Array("Small pictures of the points of short paths, uint8 (N, P, H, W, C).")

    @property
    def portrait(self) -> Sequence[np.ndarray]:
        return list(self.images[:2])

    decider = Told[str]("The name of the detector whose score is the verdict.")

    @property
    def titles(self) -> dict[str, str]:
        """Name of each detector -> its title."""
        table = self.tables["opinions"]
        return dict(zip(table["detector"], table["title"], strict=True))

    def opinions(self, image: int) -> pd.DataFrame:
        """What each detector says of an image."""
        table = self.tables["opinions"]
        return table[table["image"] == image].reset_index(drop=True)

    def nearest(self, image: int) -> pd.DataFrame:
        """The training images whose logits are nearest to the image's."""
        table = self.tables["nearest"]
        return table[table["image"] == image].sort_values("rank").reset_index(drop=True)

    @cached_property
    def calls(self) -> list[str]:
        """What is said of each image: ATTACK, NO_SIGN or CANNOT_JUDGE."""
        table = self.tables["verdicts"]
        beyond = table.get("beyond", [""] * len(self))  # earlier verdicts judged everything
        return [
            CANNOT_JUDGE if words else ATTACK if attack else NO_SIGN
            for attack, words in zip(table["attack"], beyond, strict=True)
        ]

    def parts(self, image: int) -> pd.DataFrame | None:
        """What each group of features adds to the log-odds of an attack, against the mean clean image.

        Columns `group`, `part`, and deciles 1 and 9 of clean and of attacked images (`clean_low`, ...),
        the largest part first. The parts add up to `total`, and from `limit` on it is an attack. None
        where the score that decides is no sum, and for verdicts of earlier versions.
        """
        import pandas as pd

        if "parts" not in self.arrays:
            return None
        bands = self.arrays["part_bands"]
        sides = zip(("clean", "attacked"), bands, strict=False)
        ends = {
            f"{side}_{end}": band[k] for side, band in sides for k, end in ((0, "low"), (2, "high"))
        }
        own = self.arrays["parts"][image]
        table = pd.DataFrame({"group": self.summary["groups"], "part": own, **ends})
        return table.sort_values("part", key=abs, ascending=False, kind="stable", ignore_index=True)

    def responses(self, image: int) -> pd.DataFrame | None:
        """What the classifier sees at each point of an image's short paths, the same as in the image or not.

        Columns `path`, `class`, `probability`, `kept` (whether it is the image's class), `part` (what the
        point adds to the log-odds), `picture` (its row of `points`), the largest part first. None where the
        score that decides looks at no short paths, and for verdicts of earlier versions.
        """
        if "responses" not in self.tables:
            return None
        table = self.tables["responses"]
        own = table[table["image"] == image].reset_index(drop=True)
        own = own.assign(picture=own.index, kept=own["class"] == self.verdicts["class"].iloc[image])
        parts = self.parts(image)
        if parts is not None:
            adds = parts.set_index("group")["part"]
            own = own.assign(part=[adds.get(f"path: {path}", 0.0) for path in own["path"]])
            own = own.sort_values("part", key=abs, ascending=False, kind="stable")
        return own.reset_index(drop=True)

    def because(self, image: int) -> str:
        """Why a verdict is what it is, in words: why there is none, or the parts that speak most for it."""
        row = self.verdicts.iloc[image]
        parts = self.parts(image)
        if row.get("beyond") or parts is None:
            return str(row.get("beyond", ""))
        attack = bool(row["attack"])
        strongest = parts[(parts["part"] > 0) == attack].head(STRONGEST)
        named = listed([f"“{one.group}” ({signed(one.part)})" for one in strongest.itertuples()])
        total, limit = signed(parts["part"].sum()), signed(self.limit)
        most = f"Most speaks {'for' if attack else 'against'} an attack: {named}. " if named else ""
        return f"{most}Together {total}; above {limit} an image is called an attack."

    @property
    def table(self) -> pd.DataFrame:
        """The verdicts as rows for a file or another program, `verdict` as of `calls`."""
        columns = ("name", "reference", "verdict", "false_alarm", "score", "class", "probability")
        table = self.verdicts.assign(
            verdict=self.calls,
            because=[self.because(k) for k in range(len(self))],
            disagree=[", ".join(titles) for titles in self.against],
        )
        return table.reindex(
            columns=[one for one in (*columns, "because", "disagree", "doubts") if one in table]
        )

    limit = Told[float]("The sum of parts above which an image is called an attack.")

    @cached_property
    def against(self) -> list[list[str]]:
        """For each image the titles of the detectors that do not say what the verdict says."""
        table = self.tables["opinions"]
        verdict = self.verdicts["attack"].to_numpy()[table["image"]]
        differs = table[(table["attack"] != verdict) & (table["detector"] != self.decider)]
        return [list(differs.loc[differs["image"] == k, "title"]) for k in range(len(self))]

    def says_attack(self, detector: str, image: int) -> bool | None:
        """Whether a detector calls an image an attack; None where the benchmark left it out."""
        own = self.opinions(image)
        calls: Any = own.loc[own["detector"] == detector, "attack"]
        return bool(calls.iloc[0]) if len(calls) else None

    @property
    def outcome(self) -> str:
        if len(self) == 1:
            return self.calls[0]
        attacks, unjudged = (self.calls.count(call) for call in (ATTACK, CANNOT_JUDGE))
        words = f"{attacks} of {len(self):,} images look attacked"
        return f"{words}, {unjudged} cannot be judged" if unjudged else words
