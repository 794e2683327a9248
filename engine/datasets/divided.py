"""Sets in one piece: of NAME#1000 some 1,000 pictures are the train part, the rest are the test part."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from engine.datasets.imageset import ImageSet, Shape, Size
from engine.errors import DataError, ImageError

_NAME = re.compile(r"(?P<whole>.+)#(?P<count>[1-9]\d*)")


def whole_of(name: str) -> tuple[str, int]:
    """The set behind NAME#COUNT and how many pictures are its train part; 0 for any other name."""
    found = _NAME.fullmatch(name)
    return (found["whole"], int(found["count"])) if found else (name, 0)


class Divided(ImageSet):
    """One part of another set: the train part is spread evenly over it, the test part is the rest."""

    def __init__(self, name: str, split: str, source: ImageSet, count: int) -> None:
        if count >= len(source):
            raise DataError(
                f"{name}: expected fewer than {len(source):,} pictures in the train part, for the set has "
                f"no more and some must be left to test with. Got {count:,}."
            )
        train = np.arange(count) * len(source) // count
        everything = np.arange(len(source))
        self._rows = train if split == "train" else np.setdiff1d(everything, train)
        self._source, self._count = source, count
        super().__init__(name, split, source.classes, source.labels[self._rows], source.notes)

    @property
    def shape(self) -> Shape:
        return self._source.shape

    @property
    def identity(self) -> str:
        return f"{self._source.identity} {self.split} of {self._count}"

    def _read(self, indices: np.ndarray) -> np.ndarray:
        return self._source.batch(self._rows[indices])

    def readable(
        self, indices: Sequence[int] | np.ndarray
    ) -> tuple[np.ndarray, dict[int, ImageError]]:
        return self._source.readable(self._rows[self._checked(indices)])

    def converted(
        self, size: Size | None = None, channels: int | None = None, resize: int | None = None
    ) -> ImageSet:
        fitted = self._source.converted(size, channels, resize)
        return (
            self if fitted is self._source else Divided(self.name, self.split, fitted, self._count)
        )
