"""A record of verdicts as the view needs it: one image's numbers, its curve, its opinions, its doubts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from engine.classifiers import card
from engine.errors import IsthmusError
from engine.experiments.detection.results import VerdictResult
from engine.images import to_bytes
from engine.picture_notes import GREY
from engine.records import Record
from pages.detector.verdict.state import name_of, notes_of


@dataclass(frozen=True, repr=False)
class Judged(VerdictResult):
    """The verdicts on N images, each with its name and with what this visitor's file brought along."""

    @classmethod
    def of(cls, record: Record) -> Judged:
        return cls(record.spec, record.arrays, record.tables, record.summary, record.key)

    @cached_property
    def verdicts(self) -> pd.DataFrame:
        """A row for each image, with its name and all that makes its verdict doubtful."""
        table = self.tables["verdicts"].copy()
        table["verdict"] = self.calls
        table["name"] = [name_of(reference) for reference in table["reference"]]
        table["doubts"] = [
            " ".join(filter(None, (*self._notes(reference), words)))
            for reference, words in zip(table["reference"], table["doubts"], strict=True)
        ]
        return table

    def row(self, image: int) -> dict[str, Any]:
        """The verdict on one image."""
        return {str(name): value for name, value in self.verdicts.iloc[image].items()}

    def picture(self, image: int) -> np.ndarray:
        """The image as the classifier sees it, uint8 (H, W, C)."""
        return to_bytes(self.images[image])

    def _notes(self, reference: str) -> tuple[str, ...]:
        try:
            grey = card(self.spec.benchmark.classifier).input_shape[0] == 1
        except IsthmusError:
            grey = False
        return tuple(note for note in notes_of(reference) if not (grey and note == GREY))
