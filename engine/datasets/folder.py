"""Folders of pictures: one subfolder a class (the ImageFolder layout), or pictures side by side."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from engine.datasets.content import content_digest
from engine.datasets.encoded import EncodedSet
from engine.datasets.imageset import UNKNOWN_CLASS, ImageSet
from engine.datasets.names import SPLIT_WORDS, natural, shown
from engine.errors import DataError, ImageError
from engine.local_files import local_path
from engine.progress import Reporter
from engine.words import counted

SUFFIXES = (
    *(".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".gif", ".bmp", ".tif", ".tiff"),
    *(".avif", ".heic", ".heif", ".hif", ".ppm", ".pgm", ".pbm"),
)

SYSTEM_FOLDERS = {
    *("__macosx", "__pycache__", "@eadir", "@recycle", "#recycle", "$recycle.bin"),
    *("system volume information", "lost+found"),
}
"""What machines put beside one's files, in small letters; whatever begins with a dot is passed over too."""


def open_folder(name: str, argument: str, split: str, report: Reporter) -> ImageSet:
    """ "folder:PATH". Subfolders called train, test, val and so on are the splits; see `_split_root`."""
    root, notes = _split_root(_existing(argument), split)
    groups: dict[str, list[Path]] = {}
    for folder in _subfolders(root):
        if pictures := sorted(_pictures(folder), key=lambda path: path.parts):
            groups.setdefault(shown(folder.name), []).extend(pictures)
    classes = sorted(groups, key=natural)
    beside = [Path(entry.path) for entry in _listed(root) if _is_picture(entry)]
    found = [(path, label) for label, one in enumerate(classes) for path in groups[one]]
    if found and beside:
        notes.append(
            f"{counted(len(beside), 'pictures')} beside the classes' folders are passed over."
        )
    if not found:
        found = [(path, UNKNOWN_CLASS) for path in beside]
    if not found:
        raise DataError(
            f"There is no picture in {root}. Expected one subfolder a class with pictures in it, "
            f"or pictures side by side ({', '.join(SUFFIXES)})."
        )
    return FolderSet(name, split, classes, root, found, notes)


class FolderSet(EncodedSet):
    """Picture files under `root`, each with its label; without classes every label is unknown."""

    def __init__(
        self,
        name: str,
        split: str,
        classes: Sequence[str],
        root: Path,
        found: Sequence[tuple[Path, int]],
        notes: Sequence[str] = (),
    ) -> None:
        super().__init__(name, split, classes, np.array([label for _, label in found]), notes)
        self._root = root
        self._paths = [path for path, _ in found]

    @property
    def source_identity(self) -> str:
        return f"folder {self.classes} {content_digest(self._root, self._paths)}"

    def _files(self, indices: np.ndarray) -> list[bytes | ImageError]:
        return [_content(self._paths[index]) for index in indices]

    def _title(self, index: int) -> str:
        return shown(str(self._paths[index]))


def _content(path: Path) -> bytes | ImageError:
    try:
        return path.read_bytes()
    except OSError as error:
        return ImageError(f"{shown(str(path))} cannot be read: {error.strerror}.")


def _existing(argument: str) -> Path:
    root = local_path("folder", argument)
    if not argument or not os.path.isdir(root):
        raise DataError(
            f"There is no folder {argument!r}. Expected 'folder:PATH' with the path of a folder "
            "that holds one subfolder a class, or pictures."
        )
    return root


def _split_root(root: Path, split: str) -> tuple[Path, list[str]]:
    """The split's own subfolder where there are splits, else the folder itself; and what is to be said.

    A subfolder called as a split is one where all with pictures are, where there are two sorts of them, or
    where it alone has subfolders with pictures. Else it is a class ("train" beside "car" and "ship").
    """
    words = {word: sort for sort, all_of in SPLIT_WORDS.items() for word in all_of}
    full = [folder for folder in _subfolders(root) if next(_pictures(folder), None)]
    splits = [folder for folder in full if folder.name.casefold() in words]
    others = [folder for folder in full if folder not in splits]
    if not splits or not (
        not others
        or len({words[folder.name.casefold()] for folder in splits}) > 1
        or (all(map(_has_classes, splits)) and not any(map(_has_classes, others)))
    ):
        return root, []
    names = ", ".join(shown(folder.name) for folder in splits)
    for word in SPLIT_WORDS[split]:
        fitting = [folder for folder in splits if folder.name.casefold() == word]
        if len(fitting) > 1:
            raise DataError(f"{root} has the split {split!r} twice: {names}. Rename or join them.")
        if fitting:
            beside = ", ".join(shown(folder.name) for folder in others)
            return fitting[0], [f"Passed over beside {names}: {beside}."] if others else []
    raise DataError(
        f"{root} has no split {split!r}. Expected a subfolder called one of "
        f"{', '.join(SPLIT_WORDS[split])}, found {names}."
    )


def _has_classes(folder: Path) -> bool:
    return any(next(_pictures(one), None) for one in _subfolders(folder))


def _pictures(folder: Path) -> Iterator[Path]:
    """Picture files in the folder and below it, linked folders included, no folder twice."""
    resolved = folder.resolve()
    visited = {resolved, *resolved.parents}
    waiting = [folder]
    while waiting:
        for entry in _listed(waiting.pop()):
            path = Path(entry.path)
            if _is_picture(entry):
                yield path
            elif _is_folder(entry) and (there := path.resolve()) not in visited:
                visited.add(there)
                waiting.append(path)


def _subfolders(root: Path) -> list[Path]:
    return [Path(entry.path) for entry in _listed(root) if _is_folder(entry)]


def _is_folder(entry: os.DirEntry[str]) -> bool:
    return os.path.isdir(entry) if entry.is_symlink() else entry.is_dir()


def _is_picture(entry: os.DirEntry[str]) -> bool:
    """Whether this is a picture by its name; a link that leads nowhere is one that cannot be read."""
    if os.path.splitext(entry.name)[1].lower() not in SUFFIXES:
        return False
    if entry.is_symlink():
        return os.path.isfile(entry) or not os.path.exists(entry)
    return entry.is_file()


def _listed(folder: Path) -> list[os.DirEntry[str]]:
    """What lies in a folder, sorted, but for what people do not see; DataError if that cannot be told."""
    try:
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        raise DataError(
            f"The folder {shown(str(folder))} cannot be read: {error.strerror}."
        ) from error
    return [
        entry
        for entry in found
        if not entry.name.startswith(".") and entry.name.casefold() not in SYSTEM_FOLDERS
    ]
