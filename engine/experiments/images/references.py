"""Choosing images: by index, by file, by upload, or by their low loss; and two of one class."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from engine.attacks import ATTACKS
from engine.classifiers.labels import UNKNOWN
from engine.datasets import load_dataset
from engine.errors import ImageError, ParameterError
from engine.experiments.base import Context
from engine.experiments.images.spec import SetSpec, fitting_set
from engine.images import decode, to_pixels
from engine.local_files import local_path
from engine.uploaded import name_of
from engine.words import capitalised, counted

if TYPE_CHECKING:
    from engine.classifiers.classifier import Classifier


PAIR = ("first", "second")
"""The fields of a spec that name the two images of a pair."""


class PairSpec(Protocol):
    """The fields of a spec that name two images of a set."""

    @property
    def classifier(self) -> str: ...
    @property
    def dataset(self) -> str: ...
    @property
    def split(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def first(self) -> str: ...
    @property
    def second(self) -> str: ...


def names_set(spec: PairSpec, slots: Sequence[str] = PAIR) -> bool:
    """Whether one of the images that a spec names in `slots` comes from its image set."""
    return any(getattr(spec, slot).partition(":")[0] not in {"file", "upload"} for slot in slots)


def image_digests(spec: PairSpec, slots: Sequence[str] = PAIR) -> dict[str, str]:
    """Digests of the images named in `slots`; of the whole set where the spec leaves one open.

    ClassesError where one is of a set of other classes than the classifier's.
    """
    references = [getattr(spec, slot) for slot in slots]
    digests: dict[str, str] = {}
    if "" in references:
        digests["images"] = fitting_set(spec.classifier, spec.dataset, spec.split).digest()
    for name, reference in zip(slots, references, strict=True):
        if digest := image_digest(spec, reference):
            digests[name] = digest
    return digests


def image_digest(spec: SetSpec | PairSpec, reference: str) -> str:
    """Digest of the image that a reference names; empty for an upload, whose name is its digest."""
    scheme, _, rest = reference.partition(":")
    if scheme == "file":
        return hashlib.sha256(read_file(rest)).hexdigest()
    if not reference or scheme == "upload":
        return ""
    data = fitting_set(spec.classifier, spec.dataset, spec.split)
    return data.digest([index_of(reference, len(data))])


def lowest_of(
    survey: dict[str, np.ndarray],
    wanted: int,
    references: list[str],
    class_name: str,
    look: Callable[[str], np.ndarray],
) -> list[str]:
    """The references with the open ones filled by the class's images of lowest loss.

    `look` gives the pixels behind a reference: of images that are the same only one is taken.
    """
    right = (survey["prediction"] == wanted) & (np.isin(survey["label"], (wanted, UNKNOWN)))
    order = np.argsort(np.where(right, survey["loss"], np.inf), kind="stable")[: right.sum()]
    missing = references.count("")
    taken = [look(reference) for reference in references if reference] if missing else []
    free: list[str] = []
    for reference in map(str, survey["index"][order]):
        if len(free) == missing:
            break
        image = look(reference)
        if not any(np.array_equal(image, other) for other in taken):
            taken.append(image)
            free.append(reference)
    if len(free) < missing:
        raise ImageError(
            f"The image set has {counted(len(free), 'different images')} that the classifier sees as "
            f"{class_name!r}, and {missing} are needed. Choose another class or another image set."
        )
    supply = iter(free)
    return [reference or next(supply) for reference in references]


def pixels_of(
    spec: SetSpec | PairSpec, reference: str, classifier: Classifier, context: Context
) -> np.ndarray:
    """The image behind a reference, float32 (1, C, H, W) as the classifier takes it."""
    image = picture_of(reference, context)
    if image is not None:
        image = classifier.prepare(image)
    else:
        channels, height, width = classifier.input_shape
        data = load_dataset(
            spec.dataset, spec.split, (height, width), channels, resize=classifier.resize
        )
        image = data.batch([index_of(reference, len(data))])[0]
    return to_pixels(image[None])


def picture_of(reference: str, context: Context) -> np.ndarray | None:
    """The picture of a file or an upload as it came, uint8 (H, W, 3); None for an image of the set."""
    scheme, _, rest = reference.partition(":")
    if scheme == "upload":
        return context.uploaded(rest)
    return decode(read_file(rest), Path(rest).name) if scheme == "file" else None


def index_of(reference: str, count: int) -> int:
    """The index that a reference names, of `count` images; ParameterError if it names none."""
    if not reference.isdecimal() or int(reference) >= count:
        raise ParameterError(
            f"Image {reference!r}: expected an index from 0 to {count - 1}, file:PATH (in "
            "quotes where it has a space) or upload:DIGEST."
        )
    return int(reference)


def read_file(path: str) -> bytes:
    """What is in an image file; ImageError where it cannot be read."""
    try:
        return local_path("file", path).read_bytes()
    except OSError as error:
        raise ImageError(f"Cannot read the image file {path!r}: {error.strerror}.") from error


def image_words(reference: str) -> str:
    """What a reference to an image means: "image 37", "the file cat.png", the name of an upload."""
    scheme, _, rest = reference.partition(":")
    if scheme == "upload":
        return name_of(rest) or f"uploaded image {rest[:6]}"
    if scheme in ATTACKS:
        return f"image {rest} after {ATTACKS[scheme].title}"
    if scheme == "file":
        return f"the file {rest.rsplit('/', 1)[-1]}"
    return f"image {reference}" if reference else "the image of lowest loss"


def ends_words(first: str, second: str) -> str:
    """Two images as the ends of a path, at the beginning of a line: "Image 3 to cat.png"."""
    words = f"{image_words(first)} to {image_words(second)}"
    return words if is_named(first) else capitalised(words)


def is_named(reference: str) -> bool:
    """Whether the words for an image are the name of an upload, which is written as it is."""
    return bool(name_of(reference.removeprefix("upload:")))
