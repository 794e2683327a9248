"""Image sets whose pictures are files: decoded only when asked for, several at once, in threads."""

from __future__ import annotations

import os
from abc import abstractmethod
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from functools import cached_property

import numpy as np

from engine.datasets.imageset import ImageSet, Shape, Size, check_channels, check_size
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

    def __init__(self, name: str, split: str, classes: Sequence[str], labels: np.ndarray) -> None:
        super().__init__(name, split, classes, labels)
        self._size: Size | None = None
        self._channels = 3
        self._resize: int | None = None

    @abstractmethod
    def _files(self, indices: np.ndarray) -> list[bytes]:
        """The encoded pictures at `indices`."""

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

    def _read(self, indices: np.ndarray) -> np.ndarray:
        images = np.empty((len(indices), *self.shape), dtype=np.uint8)
        with ThreadPoolExecutor(THREADS) as pool:
            for start in range(0, len(indices), CHUNK):
                chunk = indices[start : start + CHUNK]
                places = images[start : start + CHUNK]
                # Exhausting the map raises here whatever was raised in a thread.
                deque(pool.map(self._place, places, chunk, self._files(chunk)), maxlen=0)
        return images

    def _place(self, place: np.ndarray, index: int, data: bytes) -> None:
        """Decode one picture into its `place` (H, W, C)."""
        height, width, channels = place.shape
        picture = fit(decode(data, self._title(index)), height, width, self._resize)
        place[:] = with_channels(picture, channels)

    def _common_size(self) -> Size:
        indices = np.linspace(0, len(self) - 1, min(SAMPLED, len(self))).round().astype(np.int64)
        files = self._files(indices)
        sizes = {
            decode(data, self._title(index)).shape[:2]
            for index, data in zip(indices, files, strict=True)
        }
        return sizes.pop() if len(sizes) == 1 else (DEFAULT_SIDE, DEFAULT_SIDE)
