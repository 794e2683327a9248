"""Names of classes as people and file systems write them: which are the same, and in what order."""

from __future__ import annotations

import re
import unicodedata


def plain(name: str) -> str:
    """A class name as it is compared: letters with their accents composed, spaces for underscores."""
    return unicodedata.normalize("NFC", name).replace("_", " ").strip()


def natural(name: str) -> tuple[tuple[tuple[int, int, str], ...], str]:
    """Sorts names with numbers in them as one counts: -1, 0, 2, 10; "class 2" before "class 10"."""
    if re.fullmatch(r"-\d+", name):
        return ((0, int(name), ""),), name
    parts = re.split(r"(\d+)", name)
    return tuple((1, int(p), "") if p.isdecimal() else (2, 0, p) for p in parts if p), name


def shown(name: str) -> str:
    """The name of a file or folder as text, be it of bytes that are none."""
    text = name.encode(errors="surrogateescape").decode(errors="replace")
    return unicodedata.normalize("NFC", text)


SPLIT_WORDS = {
    "train": ("train", "training"),
    "test": ("test", "testing", "val", "valid", "validation", "dev", "eval", "evaluation"),
}
"""Split -> what a part that may serve as it is called, in order of preference, in any case."""

SPLIT_OF = {word: split for split, words in SPLIT_WORDS.items() for word in words}
"""Such a word -> the split."""


def split_word(text: str) -> str:
    """The last such word in a name, as "train" in "data/train-00000-of-00002.parquet"; else empty."""
    parts = re.split(r"[^a-z]+", text.casefold())
    return next((part for part in reversed(parts) if part in SPLIT_OF), "")
