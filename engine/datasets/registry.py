"""The known image sets: adding one is one entry here and the function that opens it."""

from __future__ import annotations

import os
from collections.abc import Callable

from engine.datasets.cifar import open_cifar
from engine.datasets.digits import open_digits
from engine.datasets.divided import Divided, whole_of
from engine.datasets.folder import open_folder
from engine.datasets.imageset import SPLITS, ImageSet, Size
from engine.datasets.local import local_file, local_names
from engine.datasets.parquet import open_parquet, parquet_set
from engine.datasets.shapes import open_shapes
from engine.errors import DataError, unknown_name
from engine.local_files import DATA, SCHEMES, local_path
from engine.progress import SILENT, Reporter

Opener = Callable[[str, str, str, Reporter], ImageSet]
"""Opens (name, argument, split, report); the argument is what follows ':' or '@' in the name."""

SOURCES: dict[str, Opener] = {
    "shapes": open_shapes,
    "shapes@": open_shapes,
    "digits": open_digits,
    "cifar10": open_cifar,
    "cifar100": open_cifar,
    "folder:": open_folder,
    "parquet:": open_parquet,
}
"""Name -> opener; a name that ends in ':' or '@' goes with an argument."""

ARGUMENTS = {"shapes@": "SIDE", "folder:": "PATH", "parquet:": "PATH"}


def load_dataset(
    name: str,
    split: str = "test",
    size: Size | None = None,
    channels: int | None = None,
    *,
    resize: int | None = None,
    report: Reporter = SILENT,
) -> ImageSet:
    """The image set called `name`, its "train" or "test" split.

    "shapes", "shapes@64" (drawn at 64 pixels), "digits", "cifar10", "cifar100", "folder:PATH",
    "parquet:PATH", or any NAME with a file NAME-{train,test}.parquet in the folder that
    ISTHMUS_DATA names. "NAME#1000" divides a set that comes in one piece: 1,000 of its images, spread
    evenly over it, are its train part, all others its test part. `size` (height, width), `channels`
    (1 or 3) and `resize` (the shorter side before the centre is cropped) convert the images to what a
    classifier expects. Raises UnknownNameError, DataError, or OfflineError where a download is needed
    and impossible.
    """
    if split not in SPLITS:
        raise unknown_name("split", split, SPLITS)
    whole, count = _whole(name)
    opener, argument = _resolved(whole)
    if not count:
        return opener(name, argument, split, report).converted(size, channels, resize)
    try:
        source = opener(whole, argument, "train", report)
    except DataError:  # the one piece may be called either
        source = opener(whole, argument, "test", report)
    return Divided(name, split, source, count).converted(size, channels, resize)


def known_datasets() -> tuple[str, ...]:
    """Names of the sets that need no argument, those in the folder of ISTHMUS_DATA included."""
    own = [name for name in SOURCES if name not in ARGUMENTS]
    return (*own, *(name for name in local_names() if name not in SOURCES))


def _whole(name: str) -> tuple[str, int]:
    """As `whole_of`; a path that is there as it stands, such as folder:shots#3, is nothing divided."""
    scheme, _, path = name.partition(":")
    if scheme in SCHEMES and path and os.path.exists(local_path(scheme, path)):
        return name, 0
    return whole_of(name)


def _resolved(name: str) -> tuple[Opener, str]:
    for mark in ":@":
        head, found, argument = name.partition(mark)
        if found and head + mark in ARGUMENTS:
            return SOURCES[head + mark], argument
    if name in known_datasets():
        return SOURCES.get(name, _open_local), ""
    forms = [form + argument for form, argument in ARGUMENTS.items()]
    raise unknown_name("data set", name, [*known_datasets(), *forms])


def _open_local(name: str, argument: str, split: str, report: Reporter) -> ImageSet:
    path = local_file(name, split)
    if path is None:
        raise DataError(
            f"Data set {name!r} has no split {split!r}: there is no {name}-{split}.parquet in the "
            f"folder that {DATA} names."
        )
    return parquet_set(name, split, path)
