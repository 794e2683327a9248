"""What uploaded pictures are called: the names that their files had, by the digests of their pixels.

A reference to a picture is its digest alone, so that the same picture makes the same experiment. Its name is
kept in its file in the store, and known here once that file was written or read in this process. No torch.
"""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

from PIL import Image

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
