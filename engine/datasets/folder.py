"""Folders of pictures: one subfolder a class (the ImageFolder layout), or pictures side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from engine.datasets.content import content_digest
from engine.datasets.encoded import EncodedSet
from engine.datasets.imageset import UNKNOWN_CLASS, ImageSet
from engine.errors import DataError, ImageError
from engine.local_files import local_path
from engine.progress import Reporter

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff")

SPLIT_FOLDERS = {"train": ("train",), "test": ("test", "val", "validation")}
"""Split -> the subfolders that may hold it, in order of preference."""


def open_folder(name: str, argument: str, split: str, report: Reporter) -> ImageSet:
    """ "folder:PATH". Where all subfolders are called train, test or val, they are the splits."""
    root = _split_root(_existing(argument), split)
    classes = sorted(folder.name for folder in _subfolders(root))
    found = [(path, label) for label, one in enumerate(classes) for path in _pictures(root / one)]
    if not found:
        classes = []
        found = [(path, UNKNOWN_CLASS) for path in _pictures(root)]
    if not found:
        raise DataError(
            f"There is no picture in {root}. Expected one subfolder a class with pictures in it, "
            f"or pictures side by side ({', '.join(SUFFIXES)})."
        )
    return FolderSet(name, split, classes, root, found)


class FolderSet(EncodedSet):
    """Picture files under `root`, each with its label; without classes every label is unknown."""

    def __init__(
        self,
        name: str,
        split: str,
        classes: Sequence[str],
        root: Path,
        found: Sequence[tuple[Path, int]],
    ) -> None:
        super().__init__(name, split, classes, np.array([label for _, label in found]))
        self._root = root
        self._paths = [path for path, _ in found]

    @property
    def source_identity(self) -> str:
        return f"folder {self.classes} {content_digest(self._root, self._paths)}"

    def _files(self, indices: np.ndarray) -> list[bytes]:
        return [_bytes(self._paths[index]) for index in indices]

    def _title(self, index: int) -> str:
        return str(self._paths[index])


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ImageError(f"{path} cannot be read: {error.strerror}.") from error


def _existing(argument: str) -> Path:
    root = local_path("folder", argument)
    if not argument or not root.is_dir():
        raise DataError(
            f"There is no folder {argument!r}. Expected 'folder:PATH' with the path of a folder "
            "that holds one subfolder a class, or pictures."
        )
    return root


def _split_root(root: Path, split: str) -> Path:
    """The split's own subfolder where all subfolders are splits, else the folder itself."""
    names = {folder.name for folder in _subfolders(root)}
    if not names or not names <= {name for split in SPLIT_FOLDERS.values() for name in split}:
        return root
    for name in SPLIT_FOLDERS[split]:
        if name in names:
            return root / name
    raise DataError(
        f"{root} has no split {split!r}. Expected a subfolder "
        f"{' or '.join(SPLIT_FOLDERS[split])}, found {', '.join(sorted(names))}."
    )


def _pictures(folder: Path) -> list[Path]:
    """Picture files in the folder and below it, in the order of their paths."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in SUFFIXES and not path.name.startswith(".") and path.is_file()
    )


def _subfolders(root: Path) -> list[Path]:
    return [path for path in root.iterdir() if path.is_dir() and not path.name.startswith(".")]
