"""Uploaded pictures by the digests of their pixels, and what they are called: as their files were.

A reference to a picture is its digest alone, so that the same picture makes the same experiment. Its name is
kept in its file in the store, and known here once that file was written or read in this process. No torch.
"""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from engine.decoding import MAX_PIXELS
from engine.errors import RecordError

LONGEST = 80
"""Characters of a name that are kept."""

_NAMES: dict[str, str] = {}


def tidied(name: str) -> str:
    """A file's name without the folders before it, in one line of printable characters."""
    last = re.split(r"[/\\]", name)[-1]
    return "".join(filter(str.isprintable, " ".join(last.split())))[:LONGEST]


def remember(digest: str, name: str) -> None:
    """Know a picture by its name from now on; an empty name changes nothing."""
    if name:
        _NAMES[digest] = name


def name_of(digest: str) -> str:
    """The name of a picture, empty where none is known."""
    return _NAMES.get(digest, "")


def read_name(path: Path, digest: str) -> str:
    """The name in a picture's PNG file, empty where there is none; known from then on."""
    name = ""
    unreadable = suppress(OSError, ValueError, SyntaxError, Image.DecompressionBombError)
    with unreadable, Image.open(path, formats=("PNG",)) as picture:
        name = tidied(str(picture.info.get("Title", "")))
    remember(digest, name)
    return name


def digest_of(image: np.ndarray) -> str:
    """What stands for a picture, uint8 (H, W, C): a digest of its shape and pixels."""
    height, width, channels = image.shape
    shape = f"{height}x{width}x{channels}:".encode()
    return hashlib.sha256(shape + np.ascontiguousarray(image).tobytes()).hexdigest()


def pixels_in(png: bytes, digest: str) -> np.ndarray:
    """The picture in a PNG file, uint8 (H, W, 3); RecordError unless it is the one with this digest."""
    # Not `engine.images.decode`: a large photograph may need more bytes as a PNG than an upload may.
    try:
        with Image.open(BytesIO(png), formats=("PNG",)) as picture:
            small = picture.width * picture.height <= MAX_PIXELS
            image = np.array(picture) if small and picture.mode == "RGB" else None
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        image = None
    if image is None or digest_of(image) != digest:
        raise RecordError(
            f"The uploaded image {digest[:12]}... is damaged: its pixels are not those that were "
            "uploaded. Upload it again."
        )
    return image
