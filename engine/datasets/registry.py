"""The known image sets: adding one is one entry here and the function that opens it."""

from __future__ import annotations

from collections.abc import Callable

from engine.datasets.digits import open_digits
from engine.datasets.imageset import ImageSet, Size
from engine.datasets.shapes import open_shapes
from engine.errors import unknown_name
from engine.progress import SILENT, Reporter

Opener = Callable[[str, str, str, Reporter], ImageSet]
"""Opens (name, argument, split, report); the argument is what follows ':' or '@' in the name."""

SOURCES: dict[str, Opener] = {
    "shapes": open_shapes,
    "shapes@": open_shapes,
    "digits": open_digits,
}


def load_dataset(
    name: str,
    split: str = "test",
    size: Size | None = None,
    channels: int | None = None,
    report: Reporter = SILENT,
) -> ImageSet:
    """The image set called `name`: "shapes", "shapes@64", "digits"."""
    opener, argument = _resolved(name)
    return opener(name, argument, split, report).converted(size, channels)


def known_datasets() -> tuple[str, ...]:
    """Names of the sets that can be loaded here."""
    return tuple(name for name in SOURCES if name[-1] not in ":@")


def _resolved(name: str) -> tuple[Opener, str]:
    for mark in ":@":
        head, found, argument = name.partition(mark)
        if found and head + mark in SOURCES:
            return SOURCES[head + mark], argument
    if name in SOURCES and name[-1] not in ":@":
        return SOURCES[name], ""
    raise unknown_name("data set", name, known_datasets())
