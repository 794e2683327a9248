"""Uploaded images: kept without loss under the digest of their pixels, so one image is kept once."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np

from engine.errors import ImageError, RecordError
from engine.images import encode_png
from engine.records.disk import Disk
from engine.records.names import IMAGES, check_digest
from engine.uploaded import digest_of, pixels_in, read_name, tidied


class Uploads:
    """The uploaded images on a disk, and those in read-only folders beneath it."""

    def __init__(self, disk: Disk, beneath: list[Path]) -> None:
        self._disk = disk
        self._roots = [disk.root, *beneath]

    def put(self, image: np.ndarray, name: str = "") -> str:
        """Keep an image, uint8 (H, W, 3), with its file's name; returns the digest of its shape and pixels.

        The same picture under another name is called by that from then on.
        """
        if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
            raise ImageError(
                f"Expected an RGB image, uint8 (H, W, 3), got {image.dtype} {image.shape}."
            )
        digest = digest_of(image)
        name = tidied(name) or self.name(digest)
        self.keep(digest, encode_png(image, name))
        return digest

    def keep(self, digest: str, png: bytes) -> None:
        """Keep an image that is known to be the one promised, under the name that stands in its file."""
        self.put_png(digest, png, lambda *_: None)
        self.name(digest)

    def name(self, digest: str) -> str:
        """The name that the file of an image had, empty where there is none; remembered from then on."""
        for root in self._roots:
            if name := read_name(root / IMAGES / f"{digest}.png", digest):
                return name
        return ""

    def put_png(self, digest: str, png: bytes, check: Callable[[bytes, str], object]) -> None:
        """Keep an image that comes as a PNG file, once `check` has found it to be the one promised."""
        if not self._kept(check_digest(digest), png):
            check(png, digest)
            self._disk.place_image(self._path(digest), png)

    def png(self, digest: str) -> bytes:
        """An image as the PNG file that it is kept as; RecordError if it is not there."""
        name = f"{check_digest(digest)}.png"
        for root in self._roots:
            with suppress(FileNotFoundError):
                png = (root / IMAGES / name).read_bytes()
                read_name(root / IMAGES / name, digest)
                return png
        raise RecordError(
            f"The uploaded image {digest[:12]}... is not in this store: it was never uploaded "
            "here, or was evicted to make room. Upload it again."
        )

    def image(self, digest: str) -> np.ndarray:
        """An image, uint8 (H, W, 3); RecordError if it is missing or has changed."""
        return pixels_in(self.png(digest), digest)

    def _kept(self, digest: str, png: bytes) -> bool:
        """Whether an image's file is there as it is to be, neither damaged nor otherwise named; used now."""
        path = self._path(digest)
        with suppress(OSError):
            if path.read_bytes() == png:
                os.utime(path)
                return True
        return False

    def _path(self, digest: str) -> Path:
        return self._disk.root / IMAGES / f"{digest}.png"
