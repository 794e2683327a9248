"""How much a store may hold, and what goes first: whatever has not been used for longest."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from engine.errors import ParameterError
from engine.records.folder import MANIFEST
from engine.records.names import IMAGES, is_record
from engine.records.record import Record

VARIABLE = "ISTHMUS_STORE_QUOTA_GB"
DEFAULT_GB = 5.0


@dataclass(frozen=True)
class Holding:
    """One thing that may be evicted: a record's folder, or an uploaded image's file."""

    path: Path
    size: int
    used: float


def quota_from_environment() -> int:
    """Bytes that a store may hold, from ISTHMUS_STORE_QUOTA_GB (10^9 bytes)."""
    words = os.environ.get(VARIABLE, "").strip() or str(DEFAULT_GB)
    try:
        gigabytes = float(words)
    except ValueError:
        gigabytes = -1.0
    if not 0 < gigabytes < 1e9:
        raise ParameterError(f"{VARIABLE}: expected a number of gigabytes above 0, got {words!r}.")
    return int(gigabytes * 1e9)


def record_folders(root: Path) -> list[Path]:
    """The folders under `root` whose names are those of records."""
    return [path for path in root.glob("*/*") if is_record(path.parent.name, path.name)]


def holdings(root: Path) -> list[Holding]:
    """Everything that the store holds, least recently used first."""
    paths = [*record_folders(root), *(root / IMAGES).glob("*.png")]
    found = [holding for holding in map(_holding, paths) if holding]
    return sorted(found, key=lambda holding: holding.used)


def first_to_go(root: Path, excess: int, keep: Collection[Path]) -> list[Holding]:
    """What must go so that `excess` bytes become free, least recently used first.

    Never what is in `keep`. An uploaded image goes after the last record that refers to it.
    """
    return _first(_in_turn(root, keep), excess)


def images_to_go(root: Path, excess: int, keep: Collection[Path]) -> list[Holding]:
    """Which uploaded images must go so that `excess` bytes become free, in the same turn."""
    return _first([one for one in _in_turn(root, keep) if _is_image(one.path)], excess)


def size_of(entry: os.DirEntry[str]) -> int:
    """Bytes of a file; 0 where another process has just deleted it."""
    with suppress(OSError):
        return entry.stat().st_size
    return 0


def _first(holdings: list[Holding], excess: int) -> list[Holding]:
    """The first ones, as many as free so many bytes."""
    going, freed = [], 0
    for holding in holdings:
        if freed >= excess:
            break
        going.append(holding)
        freed += holding.size
    return going


def _in_turn(root: Path, keep: Collection[Path]) -> list[Holding]:
    """All that may be evicted, in the order in which it is."""
    found = holdings(root)
    last_use: dict[str, float] = {}
    for record in found:
        used = math.inf if record.path in keep else record.used
        for digest in Record(record.path).uploads:
            last_use[digest] = max(used, last_use.get(digest, 0.0))
    turns = {
        holding: max(holding.used, last_use.get(holding.path.stem, 0.0))
        for holding in found
        if holding.path not in keep
    }
    free = [holding for holding, turn in turns.items() if turn < math.inf]
    # Of equal turns the image comes second, for the record is what refers to it.
    return sorted(free, key=lambda h: (turns[h], _is_image(h.path)))


def _is_image(path: Path) -> bool:
    return path.parent.name == IMAGES


def _holding(path: Path) -> Holding | None:
    # What another process evicts while it is looked at is no longer held.
    with suppress(OSError):
        if _is_image(path):
            return Holding(path, path.stat().st_size, _last_use(path))
        size = sum(entry.stat().st_size for entry in os.scandir(path))
        manifest = path / MANIFEST
        return Holding(path, size, _last_use(manifest if manifest.exists() else path))
    return None


def _last_use(path: Path) -> float:
    """When it was used last; now, and from now on, where the clock was set back since."""
    used, now = path.stat().st_mtime, time.time()
    if used > now:
        with suppress(OSError):  # a store on a read-only disk
            os.utime(path)
    return min(used, now)
