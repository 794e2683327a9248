"""Image sets that lie ready on this machine: the folder that ISTHMUS_DATA names, and the cache."""

from __future__ import annotations

import os
from pathlib import Path

from engine.datasets.imageset import SPLITS
from engine.local_files import data_folder


def local_file(name: str, split: str) -> Path | None:
    """`<name>-<split>.parquet` in the folder that ISTHMUS_DATA names, or None."""
    folder = data_folder()
    path = folder / f"{name}-{split}.parquet" if folder else None
    return path if path and path.is_file() else None


def local_names() -> tuple[str, ...]:
    """Names of the sets with a Parquet file for any split in the folder that ISTHMUS_DATA names."""
    folder = data_folder()
    if not folder or not folder.is_dir():
        return ()
    found = {
        path.name.removesuffix(f"-{split}.parquet")
        for split in SPLITS
        for path in folder.glob(f"*-{split}.parquet")
    }
    return tuple(sorted(found))


def cache_folder() -> Path:
    """Where downloaded image sets are kept: $XDG_CACHE_HOME/isthmus, by default in ~/.cache."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "isthmus" / "datasets"
