"""A record of verdicts as the view needs it: one image's numbers, its curve, its opinions, its doubts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from engine.classifiers import card
from engine.errors import IsthmusError
from engine.experiments.detection.verdict import Verdict
from engine.images import to_bytes
from engine.records import Record
from pages.detector.verdict.files import GREY
from pages.detector.verdict.state import name_of, notes_of


@dataclass(frozen=True)
class Judged:
    """The verdicts on N images."""

    record: Record

    @property
    def spec(self) -> Verdict:
        assert isinstance(self.record.spec, Verdict)
        return self.record.spec

    @cached_property
    def verdicts(self) -> pd.DataFrame:
        """A row for each image, with its name and all that makes its verdict doubtful."""
        table = self.record.tables["verdicts"].copy()
        table["name"] = [name_of(reference) for reference in table["reference"]]
        table["doubts"] = [
            " ".join(filter(None, (*self._notes(reference), words)))
            for reference, words in zip(table["reference"], table["doubts"], strict=True)
        ]
        return table

    def __len__(self) -> int:
        return len(self.verdicts)

    def row(self, image: int) -> dict[str, Any]:
        """The verdict on one image."""
        return {str(name): value for name, value in self.verdicts.iloc[image].items()}

    def picture(self, image: int) -> np.ndarray:
        """The image as the classifier sees it, uint8 (H, W, C)."""
        return to_bytes(self.record.arrays["images"][image])

    def opinions(self, image: int) -> pd.DataFrame:
        """What each detector says of an image."""
        table = self.record.tables["opinions"]
        return table[table["image"] == image].reset_index(drop=True)

    def nearest(self, image: int) -> pd.DataFrame:
        """The training images whose logits are nearest to the image's."""
        table = self.record.tables["nearest"]
        return table[table["image"] == image].sort_values("rank").reset_index(drop=True)

    @property
    def decides(self) -> str:
        """The name of the detector whose score is the verdict."""
        return str(self.record.summary["decider"])

    @property
    def titles(self) -> dict[str, str]:
        """Name of each detector -> its title."""
        table = self.record.tables["opinions"]
        return dict(zip(table["detector"], table["title"], strict=True))

    @property
    def decider(self) -> str:
        """The title of the detector whose score is the verdict."""
        return self.titles[self.decides]

    @cached_property
    def against(self) -> list[list[str]]:
        """For each image the titles of the detectors that do not say what the verdict says."""
        table = self.record.tables["opinions"]
        verdict = self.verdicts["attack"].to_numpy()[table["image"]]
        differs = (table["attack"] != verdict) & (table["detector"] != self.decides)
        rows = table[differs]
        return [list(rows.loc[rows["image"] == k, "title"]) for k in range(len(self))]

    def says_attack(self, detector: str, image: int) -> bool | None:
        """Whether a detector takes an image for attacked; None where the benchmark left it out."""
        own = self.opinions(image)
        calls = own.loc[own["detector"] == detector, "attack"]
        return bool(calls.iloc[0]) if len(calls) else None

    def stem(self, what: str, image: int) -> str:
        """What the names of an image's files begin with."""
        return f"isthmus-{what}-{self.record.key[:8]}-{image}"

    def _notes(self, reference: str) -> tuple[str, ...]:
        try:
            grey = card(self.spec.benchmark.classifier).input_shape[0] == 1
        except IsthmusError:
            grey = False
        return tuple(note for note in notes_of(reference) if not (grey and note == GREY))
