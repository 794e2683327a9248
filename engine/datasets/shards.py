"""Shards: which of several files make up a split, as the Hugging Face Hub lays them out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from glob import glob
from os.path import commonpath
from pathlib import Path, PurePosixPath

from engine.datasets.names import SPLIT_WORDS, natural, shown, split_word
from engine.errors import DataError

NAMED = 3
"""Folders that an error names; the others are counted."""

SUFFIXES = (".parquet", ".parq", ".pq")


def files_in(folder: Path) -> list[Path]:
    """The Parquet files in a folder and below it, sorted."""
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)


def files_of(pattern: Path) -> list[Path]:
    """The files of a pattern, sorted; a folder that is there may have brackets in its name."""
    root = next(folder for folder in pattern.parents if folder.is_dir())
    found = glob(str(pattern.relative_to(root)), root_dir=root, recursive=True)
    return sorted(root / one for one in found)


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
    called = {path: split_word(text) for path, text in visible.items()}
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
    if place.is_dir():
        _check_one_set(place, [visible[path] for path in chosen])
    _check_whole(chosen)
    return tuple(sorted(chosen, key=lambda path: natural(visible[path])))


def _check_one_set(place: Path, texts: Sequence[str]) -> None:
    """DataError where files lie in several folders whose names tell of more than splits."""
    folders = {
        tuple(part for part in PurePosixPath(text).parts[:-1] if not split_word(part))
        for text in texts
    }
    if len(folders) > 1:
        names = ", ".join(sorted("/".join(parts) or "." for parts in folders)[:NAMED])
        names += " ..." if len(folders) > NAMED else ""
        raise DataError(
            f"The files in {shown(str(place))} lie in {len(folders)} folders ({names}), which may be "
            "several sets. Name one of them, or a pattern of all files that you mean (PATH/**/*.parquet). "
            'What a folder\'s name says, such as "label=cat", is not read.'
        )


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
