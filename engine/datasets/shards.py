"""Shards: which of several files make up a split, as the Hugging Face Hub lays them out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from os.path import commonpath
from pathlib import Path

from engine.datasets.names import SPLIT_WORDS, natural, shown
from engine.errors import DataError


def shards_of(place: Path, paths: Sequence[Path], split: str) -> tuple[Path, ...]:
    """Those of several files that make up a split; DataError where there are none, or one is missing."""
    root = place if place.is_dir() else Path(commonpath([place.parent, *paths]))
    visible = {
        path: path.relative_to(root).as_posix()
        for path in paths
        if not any(part.startswith(".") for part in path.relative_to(root).parts)
    }
    if not visible:
        raise DataError(f"There is no Parquet file in {shown(str(place))}. Expected one or more.")
    called = {path: _split_word(text) for path, text in visible.items()}
    words = set(called.values())
    chosen = list(visible)
    if len(words) > 1:
        word = next((word for word in SPLIT_WORDS[split] if word in words), None)
        if word is None:
            raise DataError(
                f"{shown(str(place))} has no split {split!r}. Expected files called one of "
                f"{', '.join(SPLIT_WORDS[split])}, found {', '.join(sorted(words - {''}))}."
            )
        chosen = [path for path in visible if called[path] == word]
    _check_whole(chosen)
    return tuple(sorted(chosen, key=lambda path: natural(visible[path])))


def _split_word(text: str) -> str:
    """The split that a file's place names, as "train" in "data/train-00000-of-00002.parquet"; else empty."""
    every = [word for words in SPLIT_WORDS.values() for word in words]
    parts = re.split(r"[-_./\s]+", text.casefold())
    return next((part for part in reversed(parts) if part in every), "")


def _check_whole(paths: Sequence[Path]) -> None:
    """DataError where files are numbered "00000-of-00002" and one of them is not there."""
    found: dict[tuple[str, int], set[int]] = {}
    for path in paths:
        if match := re.fullmatch(r"(.*?)(\d+)-of-(\d+)(.*)", str(path)):
            found.setdefault((match[1], int(match[3])), set()).add(int(match[2]))
    for (begin, total), numbers in found.items():
        if missing := sorted(set(range(total)) - numbers):
            raise DataError(
                f"{shown(Path(begin).name)}{missing[0]:05}-of-{total:05}.parquet is missing: "
                f"{len(numbers)} of {total} shards are there."
            )
