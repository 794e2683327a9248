"""Folders of pictures: one subfolder a class (the ImageFolder layout), or pictures side by side."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from engine.datasets.content import content_digest
from engine.datasets.encoded import EncodedSet
from engine.datasets.imageset import UNKNOWN_CLASS, ImageSet
from engine.datasets.names import SPLIT_OF, SPLIT_WORDS, natural, shown, split_word
from engine.errors import DataError, ImageError
from engine.local_files import local_path
from engine.progress import Reporter
from engine.words import counted

SUFFIXES = (
    *(".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".gif", ".bmp", ".tif", ".tiff"),
    *(".avif", ".heic", ".heif", ".hif", ".ppm", ".pgm", ".pbm"),
)

OF_MACHINES = {
    *("__macosx", "__pycache__", "@eadir", "@recycle", "#recycle", "$recycle.bin"),
    *("system volume information", "lost+found", "thumbs.db", "desktop.ini"),
}
"""What machines put beside one's files, in small letters; whatever begins with a dot is passed over too."""


LISTS = (".csv", ".tsv", ".json", ".jsonl", ".txt", ".xml", ".parquet")
"""Files that may say what pictures show, and are not read."""


NAMED = 3
"""Of more files or folders that are passed over these many are named."""


def open_folder(name: str, argument: str, split: str, report: Reporter) -> ImageSet:
    """ "folder:PATH". Subfolders called train, test, val and so on are the splits; see `_split_root`."""
    whole, notes = _unwrapped(_existing(argument))
    root, passed_over = _split_root(whole, split)
    root, wrapped = _unwrapped(root)
    notes += passed_over + wrapped
    groups: dict[str, list[Path]] = {}
    empty, inner, strange = [], [], []
    for folder in _subfolders(root):
        depth, files = len(folder.parts), [*_files(folder)]
        strange += [shown(one.name) for one in files if _suffix(one) not in (*SUFFIXES, *LISTS)]
        pictures = sorted((Path(one.path) for one in files if _is_picture(one)), key=_parts)
        if not pictures:
            empty.append(shown(folder.name))
            continue
        inside = _of_split(pictures, depth, split)
        groups.setdefault(shown(folder.name), []).extend(inside)
        if len(inside) == len(pictures):
            inner += [shown(one.parts[depth]) for one in inside if len(one.parts) > depth + 1]
    classes = sorted(groups, key=natural)
    beside = [Path(entry.path) for entry in _listed(root) if _is_picture(entry)]
    found = [(path, label) for label, one in enumerate(classes) for path in groups[one]]
    found = found or [(path, UNKNOWN_CLASS) for path in beside]
    if not found:
        raise DataError(
            f"There is no picture in {root}. Expected one subfolder a class with pictures in it, "
            f"or pictures side by side ({', '.join(SUFFIXES)})."
        )
    if classes and beside:
        notes.append(
            f"Passed over beside the classes' folders: {counted(len(beside), 'pictures')}."
        )
    if classes and empty:
        notes.append(f"Passed over, for there is no picture in it: {', '.join(empty)}.")
    notes += _meant_otherwise(classes, strange, inner)
    notes += _lists_beside({whole, root}, classes)
    return FolderSet(name, split, classes, root, found, notes)


def _meant_otherwise(classes: Sequence[str], strange: list[str], inner: list[str]) -> list[str]:
    """What is said where somebody may mean a set otherwise: files of other kinds, folders in folders."""
    notes = []
    if strange:
        notes.append(f"Passed over, for they are not called as pictures are: {_some(strange)}.")
    if inner:
        notes.append(f"Folders in those of the classes are taken for no classes: {_some(inner)}.")
    if len(classes) == 1:
        notes.append(f"All pictures are of one class, {classes[0]}.")
    return notes


def _lists_beside(places: set[Path], classes: Sequence[str]) -> list[str]:
    """What is said of files that may tell the classes, and are not read."""
    found = [entry for place in sorted(places) for entry in _listed(place)]
    lists = [shown(one.name) for one in found if _suffix(one) in LISTS]
    nameless = "" if classes else " The pictures have no classes."
    return [f"Not read: {_some(lists)}.{nameless}"] if lists else []


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


def _unwrapped(root: Path) -> tuple[Path, list[str]]:
    """What lies in nothing but a folder of another name, as unpacked archives do; and what is to be said."""
    notes = []
    while len(full := [*islice(_full(root), 2)]) == 1 and full[0].name.casefold() not in SPLIT_OF:
        inner = [folder.name.casefold() for folder in islice(_full(full[0]), 2)]
        some = len(inner) > 1 or not SPLIT_OF.keys().isdisjoint(inner)
        if not some or any(map(_is_picture, [*_listed(root), *_listed(full[0])])):
            break
        root = full[0]
        notes = [f"All pictures lie in {shown(root.name)}, which is taken for no class."]
    return root, notes


def _split_root(root: Path, split: str) -> tuple[Path, list[str]]:
    """The split's own subfolder where there are splits, else the folder itself; and what is to be said.

    A subfolder called as a split is one where all with pictures are, where there are two sorts of them, or
    where it alone has subfolders with pictures. Else it is a class ("train" beside "car" and "ship"). Where
    all names say it, and there are two sorts, it may be part of the name ("train_set", "test_set").
    """
    full = [*_full(root)]
    called = {folder: folder.name.casefold() for folder in full}
    if not SPLIT_OF.keys() & set(called.values()):
        called = {folder: split_word(folder.name) for folder in full}
        if {SPLIT_OF.get(word) for word in called.values()} != set(SPLIT_WORDS):
            return root, []
    splits = [folder for folder in full if called[folder] in SPLIT_OF]
    others = [folder for folder in full if folder not in splits]
    if not (
        not others
        or len({SPLIT_OF[called[folder]] for folder in splits}) > 1
        or (all(map(_has_classes, splits)) and not any(map(_has_classes, others)))
    ):
        return root, []
    names = ", ".join(shown(folder.name) for folder in splits)
    for word in SPLIT_WORDS[split]:
        fitting = [folder for folder in splits if called[folder] == word]
        if len(fitting) > 1:
            raise DataError(f"{root} has the split {split!r} twice: {names}. Rename or join them.")
        if fitting:
            beside = ", ".join(shown(folder.name) for folder in others)
            return fitting[0], [f"Passed over beside {names}: {beside}."] if others else []
    raise DataError(
        f"{root} has no split {split!r}. Expected a subfolder called one of "
        f"{', '.join(SPLIT_WORDS[split])}, found {names}."
    )


def _of_split(pictures: Sequence[Path], depth: int, split: str) -> Sequence[Path]:
    """Those of a class whose folder holds the splits ("cat/train", "cat/test"), else all."""
    called = [path.parts[depth].casefold() for path in pictures]
    if not set(SPLIT_WORDS) <= {SPLIT_OF.get(word) for word in called}:
        return pictures
    wanted = next(word for word in SPLIT_WORDS[split] if word in called)
    return [path for path, word in zip(pictures, called, strict=True) if word == wanted]


def _has_classes(folder: Path) -> bool:
    return next(_full(folder), None) is not None


def _full(root: Path) -> Iterator[Path]:
    """The subfolders that have pictures in them or below."""
    return (folder for folder in _subfolders(root) if next(_pictures(folder), None))


def _pictures(folder: Path) -> Iterator[Path]:
    """Picture files in the folder and below it."""
    return (Path(entry.path) for entry in _files(folder) if _is_picture(entry))


def _files(folder: Path) -> Iterator[os.DirEntry[str]]:
    """Whatever is no folder in the folder and below it, linked folders included, no folder twice."""
    resolved = folder.resolve()
    visited = {resolved, *resolved.parents}
    waiting = [folder]
    while waiting:
        for entry in _listed(waiting.pop()):
            path = Path(entry.path)
            if not _is_folder(entry):
                yield entry
            elif (there := path.resolve()) not in visited:
                visited.add(there)
                waiting.append(path)


def _parts(path: Path) -> tuple[str, ...]:
    return path.parts


def _some(names: Sequence[str]) -> str:
    """The first of some names, and how many others there are."""
    names = [*dict.fromkeys(names)]
    more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def _subfolders(root: Path) -> list[Path]:
    return [Path(entry.path) for entry in _listed(root) if _is_folder(entry)]


def _is_folder(entry: os.DirEntry[str]) -> bool:
    return os.path.isdir(entry) if entry.is_symlink() else entry.is_dir()


def _is_picture(entry: os.DirEntry[str]) -> bool:
    """Whether this is a picture by its name; a link that leads nowhere is one that cannot be read."""
    if _suffix(entry) not in SUFFIXES:
        return False
    if entry.is_symlink():
        return os.path.isfile(entry) or not os.path.exists(entry)
    return entry.is_file()


def _suffix(entry: os.DirEntry[str]) -> str:
    return os.path.splitext(entry.name)[1].lower()


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
        if not entry.name.startswith(".") and entry.name.casefold() not in OF_MACHINES
    ]
