"""Image sets whose pictures are files: decoded only when asked for, several at once, in threads."""

from __future__ import annotations

import os
from abc import abstractmethod
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from copy import copy
from functools import cached_property

import numpy as np

from engine.datasets.imageset import ImageSet, Shape, Size, check_channels, check_size
from engine.errors import ImageError
from engine.images import decode, fit, with_channels

DEFAULT_SIDE = 224
"""Side to which pictures of different sizes are fitted when no size is asked for."""

SAMPLED = 16
"""Pictures, spread over the set, whose sizes are compared to find the set's own size."""

CHUNK = 256
"""Encoded pictures held at once while many are decoded."""

THREADS = min(8, os.cpu_count() or 1)


class EncodedSet(ImageSet):
    """Encoded pictures of any size, fitted to one; a subclass says where the bytes are.

    Without a size, the set has that of its pictures if a sample of them agrees, else 224 x 224.
    Pictures are RGB unless another number of channels is asked for.
    """

    _size: Size | None = None
    _channels = 3
    _resize: int | None = None

    @abstractmethod
    def _files(self, indices: np.ndarray) -> list[bytes | ImageError]:
        """The encoded pictures at `indices`, or why one is not to be had."""

    @abstractmethod
    def _title(self, index: int) -> str:
        """What to call the picture at `index` in an error."""

    @property
    @abstractmethod
    def source_identity(self) -> str:
        """Text that changes whenever the encoded content changes."""

    @cached_property
    def shape(self) -> Shape:
        return (*(self._size or self._common_size()), self._channels)

    @property
    def identity(self) -> str:
        return f"{self.source_identity} resize={self._resize}"

    def converted(
        self, size: Size | None = None, channels: int | None = None, resize: int | None = None
    ) -> ImageSet:
        """As for any set, but fitted straight from the original pictures, once."""
        if size is None and channels is None and resize is None:
            return self
        other = copy(self)
        other._size = self._size if size is None else check_size(size)
        other._channels = self._channels if channels is None else check_channels(channels)
        other._resize = resize
        for kept in ("images", "shape"):
            other.__dict__.pop(kept, None)
        return other

    def readable(
        self, indices: Sequence[int] | np.ndarray
    ) -> tuple[np.ndarray, dict[int, ImageError]]:
        return self._decoded(self._checked(indices))

    def _read(self, indices: np.ndarray) -> np.ndarray:
        images, damaged = self._decoded(indices)
        for error in damaged.values():
            raise error
        return images

    def _decoded(self, indices: np.ndarray) -> tuple[np.ndarray, dict[int, ImageError]]:
        images = np.zeros((len(indices), *self.shape), dtype=np.uint8)
        damaged: dict[int, ImageError] = {}
        with ThreadPoolExecutor(THREADS) as pool:
            for start in range(0, len(indices), CHUNK):
                chunk = indices[start : start + CHUNK]
                places = images[start : start + CHUNK]
                errors = pool.map(self._place, places, chunk, self._files(chunk))
                damaged |= {k: error for k, error in enumerate(errors, start) if error}
        return images, damaged

    def _place(self, place: np.ndarray, index: int, data: bytes | ImageError) -> ImageError | None:
        """Decode one picture into its `place` (H, W, C), or say what is wrong with it."""
        try:
            picture = self._picture(index, data)
        except ImageError as error:
            return error
        height, width, channels = place.shape
        place[:] = with_channels(fit(picture, height, width, self._resize), channels)
        return None

    def _picture(self, index: int, data: bytes | ImageError) -> np.ndarray:
        if isinstance(data, ImageError):
            raise data
        return decode(data, self._title(index))

    def _common_size(self) -> Size:
        indices = np.linspace(0, len(self) - 1, min(SAMPLED, len(self))).round().astype(np.int64)
        sizes = set()
        for index, data in zip(indices, self._files(indices), strict=True):
            with suppress(ImageError):  # one that is damaged tells nothing of the others
                sizes.add(self._picture(index, data).shape[:2])
        return sizes.pop() if len(sizes) == 1 else (DEFAULT_SIDE, DEFAULT_SIDE)
