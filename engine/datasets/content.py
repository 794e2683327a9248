"""What files hold, told by a digest: so that a result can say which images it was made from."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

MAX_HASHED_BYTES = 2**28
"""Files of more than this together are told apart by name, size and time of change instead."""


def content_digest(root: Path, paths: Sequence[Path]) -> str:
    """Hexadecimal SHA-256 of the files' places under `root` and their bytes.

    Hashed once as long as no file changes, and the same wherever `root` lies; of large files, sizes
    and times of change stand for the bytes.
    """
    return _digest(root, tuple(map(_state, paths)))


def _state(path: Path) -> tuple[Path, int, int]:
    try:
        stat = path.stat()
    except OSError:
        stat = path.lstat()  # a link that leads nowhere
    return path, stat.st_size, stat.st_mtime_ns


@lru_cache(maxsize=32)
def _digest(root: Path, files: tuple[tuple[Path, int, int], ...]) -> str:
    digest = hashlib.sha256()
    small = sum(size for _, size, _ in files) <= MAX_HASHED_BYTES
    for path, size, changed in files:
        place = path.relative_to(root).as_posix()
        digest.update(f"{place} {size}\n".encode(errors="surrogateescape"))
        if small:
            with (
                suppress(OSError),
                path.open("rb") as file,
            ):  # what cannot be read is not shown either
                digest.update(hashlib.file_digest(file, "sha256").digest())
        else:
            digest.update(f"{changed}\n".encode())
    return digest.hexdigest()
