"""What an image set is: labelled pictures as numpy bytes, read by index, all of one shape.

A source subclasses `ImageSet` and writes `_read`. Checks, keeping, conversion to another size or
number of channels, and digests follow from that.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from engine.errors import ImageError, ParameterError
from engine.images import fit, to_pixels, with_channels

Size = tuple[int, int]
"""Height and width in pixels."""

Shape = tuple[int, int, int]
"""Height, width and channels."""

SPLITS = ("train", "test")

UNKNOWN_CLASS = -1
"""The label of an image whose class nobody has said."""

MAX_SIDE = 4096
"""Largest height or width that a set is converted to."""


class ImageSet(ABC):
    """Labelled images of one shape: `images` uint8 (N, H, W, C), `labels` int64 (N,), `classes`.

    `data[i]` is one image as the engine's functions take it, and its label; see `__getitem__`.
    A label of -1 (`UNKNOWN_CLASS`) means that the class is not known. `notes` are sentences on what was
    found and passed over when the set was opened.
    """

    def __init__(
        self,
        name: str,
        split: str,
        classes: Sequence[str],
        labels: np.ndarray,
        notes: Sequence[str] = (),
    ) -> None:
        self.name = name
        self.split = split
        self.classes = tuple(classes)
        self.labels = np.ascontiguousarray(labels, dtype=np.int64)
        self.labels.flags.writeable = False
        self.notes = tuple(notes)

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, place: Any) -> tuple[np.ndarray, Any]:
        """Pixels float32 (C, H, W) in [0, 1] of image `place`, and its label; negative ones count backwards.

        A slice, a list of places or a mask (N,) gives pixels (n, C, H, W) and labels int64 (n,), reading no
        other images. ParameterError for a place outside the set.
        """
        if isinstance(place, int | np.integer) and not isinstance(place, bool):
            index = self._places([place])
            return to_pixels(self.batch(index))[0], int(self.labels[index[0]])
        index = self._places(place)
        return to_pixels(self.batch(index)), self.labels[index]

    def __iter__(self) -> Iterator[tuple[np.ndarray, Any]]:
        """Every image as `data[i]`, one after the other."""
        return (self[place] for place in range(len(self)))

    def __repr__(self) -> str:
        return f"<ImageSet {self.name!r} {self.split}: {len(self):,} images, {self.shape}>"

    @property
    @abstractmethod
    def shape(self) -> Shape:
        """Height, width and channels of every image."""

    @property
    @abstractmethod
    def identity(self) -> str:
        """Text that changes whenever the set's content changes; cheap to compute."""

    @abstractmethod
    def _read(self, indices: np.ndarray) -> np.ndarray:
        """The images at valid `indices`, uint8 (n, H, W, C)."""

    @cached_property
    def images(self) -> np.ndarray:
        """All images, uint8 (N, H, W, C), read once, kept, and read-only."""
        images = self._read(np.arange(len(self)))
        images.flags.writeable = False
        return images

    def batch(self, indices: Sequence[int] | np.ndarray) -> np.ndarray:
        """The images at `indices` in that order, uint8 (n, H, W, C), reading no others.

        Raises ParameterError for an index outside the set.
        """
        checked = self._checked(indices)
        if "images" in self.__dict__:
            return self.images[checked]
        if not len(checked):
            return np.empty((0, *self.shape), dtype=np.uint8)
        return self._read(checked)

    def readable(
        self, indices: Sequence[int] | np.ndarray
    ) -> tuple[np.ndarray, dict[int, ImageError]]:
        """The images as of `batch`, black where one cannot be read, and what is wrong with each of those.

        The dictionary's keys are places in `indices`. So one damaged file does not close a set of thousands.
        """
        return self.batch(indices), {}

    def digest(self, indices: Sequence[int] | np.ndarray | None = None) -> str:
        """Hexadecimal SHA-256 of the images at `indices`, or of the set's identity if None."""
        digest = hashlib.sha256()
        if indices is None:
            digest.update(f"{self.identity} {self.shape} {len(self)}".encode())
        else:
            images = self.batch(indices)
            digest.update(f"{images.shape}".encode())
            digest.update(images.tobytes())
        return digest.hexdigest()

    def converted(
        self, size: Size | None = None, channels: int | None = None, resize: int | None = None
    ) -> ImageSet:
        """This set with images fitted to `size` (see `engine.images.fit`) and 1 or 3 `channels`."""
        size = self.shape[:2] if size is None else check_size(size)
        channels = self.shape[2] if channels is None else check_channels(channels)
        if (*size, channels) == self.shape and resize is None:
            return self
        return Converted(self, size, channels, resize)

    def _places(self, place: Any) -> np.ndarray:
        """Indices into the set, checked, from a slice, a mask (N,), or places that may count from the end."""
        if isinstance(place, slice):
            return np.arange(len(self))[place]
        array = np.asarray(place)
        if array.dtype == bool and array.shape == (len(self),):
            return np.flatnonzero(array)
        if array.ndim == 1 and array.dtype.kind == "i":
            array = np.where((array < 0) & (array >= -len(self)), array + len(self), array)
        return self._checked(array)

    def _checked(self, indices: Sequence[int] | np.ndarray) -> np.ndarray:
        array = np.asarray(indices)
        if array.size == 0:
            return np.empty(0, dtype=np.int64)
        if array.ndim != 1 or array.dtype.kind not in "iu":
            raise ParameterError(
                f"Expected a list of whole numbers as image indices, got {indices!r}."
            )
        outside = array[(array < 0) | (array >= len(self))]
        if len(outside):
            raise ParameterError(
                f"Data set {self.name!r} ({self.split}) has images 0 to {len(self) - 1}, "
                f"got index {outside[0]}."
            )
        return array.astype(np.int64)


class ArraySet(ImageSet):
    """An image set that lies in memory whole."""

    def __init__(
        self,
        name: str,
        split: str,
        classes: Sequence[str],
        labels: np.ndarray,
        images: np.ndarray,
        *,
        identity: str,
    ) -> None:
        super().__init__(name, split, classes, labels)
        self._pixels = images
        self._identity = identity

    @property
    def shape(self) -> Shape:
        height, width, channels = self._pixels.shape[1:]
        return height, width, channels

    @property
    def identity(self) -> str:
        return self._identity

    def _read(self, indices: np.ndarray) -> np.ndarray:
        return self._pixels[indices]


class Converted(ImageSet):
    """Another set's images, fitted to a size and given a number of channels."""

    def __init__(self, source: ImageSet, size: Size, channels: int, resize: int | None) -> None:
        super().__init__(source.name, source.split, source.classes, source.labels)
        self._source = source
        self._size = size
        self._channels = channels
        self._resize = resize

    @property
    def shape(self) -> Shape:
        return (*self._size, self._channels)

    @property
    def identity(self) -> str:
        return f"{self._source.identity} resize={self._resize}"

    def _read(self, indices: np.ndarray) -> np.ndarray:
        images = self._source.batch(indices)
        fitted = np.stack([fit(image, *self._size, resize=self._resize) for image in images])
        return with_channels(fitted, self._channels)


def check_size(size: object) -> Size:
    """`size` as (height, width); raises ParameterError unless two whole numbers in range."""
    sides = tuple(size) if isinstance(size, tuple | list) else ()
    if len(sides) != 2 or not all(
        isinstance(side, int) and 1 <= side <= MAX_SIDE for side in sides
    ):
        raise ParameterError(
            f"Expected a size of (height, width), each 1 to {MAX_SIDE} pixels, got {size!r}."
        )
    return sides


def check_channels(channels: int) -> int:
    """`channels`; raises ParameterError unless 1 or 3."""
    if channels not in (1, 3):
        raise ParameterError(f"Images have 1 (grey) or 3 (RGB) channels, got {channels!r}.")
    return channels
