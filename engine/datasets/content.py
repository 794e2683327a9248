"""What files hold, told by a digest: so that a result can say which images it was made from."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

MAX_HASHED_BYTES = 2**28
"""Files of more than this together are told apart by name, size and time of change instead."""


def content_digest(root: Path, paths: Sequence[Path]) -> str:
    """Hexadecimal SHA-256 of the files' places under `root` and their bytes.

    Hashed once as long as no file changes, and the same wherever `root` lies; of large files, sizes
    and times of change stand for the bytes.
    """
    stats = [(path, path.stat()) for path in paths]
    return _digest(root, tuple((path, stat.st_size, stat.st_mtime_ns) for path, stat in stats))


@lru_cache(maxsize=32)
def _digest(root: Path, files: tuple[tuple[Path, int, int], ...]) -> str:
    digest = hashlib.sha256()
    small = sum(size for _, size, _ in files) <= MAX_HASHED_BYTES
    for path, size, changed in files:
        digest.update(f"{path.relative_to(root).as_posix()} {size}\n".encode())
        if small:
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        else:
            digest.update(f"{changed}\n".encode())
    return digest.hexdigest()
