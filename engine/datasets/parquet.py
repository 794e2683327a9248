"""Parquet files in the Hugging Face layout: a column of encoded pictures and a column of labels."""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from glob import glob
from os.path import commonpath
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.datasets.content import content_digest
from engine.datasets.encoded import EncodedSet
from engine.datasets.imageset import UNKNOWN_CLASS, ImageSet
from engine.datasets.names import SPLIT_WORDS, natural, shown
from engine.errors import DataError, ImageError
from engine.local_files import local_path
from engine.progress import Reporter

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

IMAGE_COLUMNS = (
    *("img", "image", "images", "jpg", "jpeg", "png", "webp"),
    *("picture", "photo", "image_bytes", "bytes"),
)
LABEL_COLUMNS = (
    *("label", "fine_label", "labels", "cls", "class", "target", "category"),
    *("class_label", "class_name", "label_name", "coarse_label"),
)
"""Column names in order of preference, in any case."""

HELD_BYTES = 2**30
"""Encoded pictures kept in memory, by row group; the least recently used make room."""

IGNORED = (-1, -100)
"""Labels of pictures whose class nobody has said: Hugging Face's and PyTorch's."""

MAX_COUNTED = 100_000
"""Class numbers without names are counted up to here; of larger ones (20230101) each is a name itself."""


def open_parquet(name: str, argument: str, split: str, report: Reporter) -> ImageSet:
    """ "parquet:PATH": a file, or the shards in a folder or of a pattern ("train-*.parquet").

    "{split}" in the path stands for the split. Of several files those count that are called as the split
    is; where none is called as any, or all as one, they serve both.
    """
    path = local_path("parquet", argument.replace("{split}", split))
    if path.is_dir():
        return _parquet_set(name, split, _shards(path, sorted(path.rglob("*.parquet")), split))
    if not path.exists() and re.search(r"[*?\[]", str(path)):
        found = [Path(one) for one in sorted(glob(str(path), recursive=True))]
        return _parquet_set(name, split, _shards(path, found, split))
    return parquet_set(name, split, path)


def parquet_set(name: str, split: str, path: Path) -> ParquetSet:
    """The set in a file; one that was opened lately is not opened again unless the file has changed."""
    return _parquet_set(name, split, (path,))


def _parquet_set(name: str, split: str, paths: tuple[Path, ...]) -> ParquetSet:
    try:
        states = tuple((path.stat().st_mtime_ns, path.stat().st_size) for path in paths)
    except OSError:
        return ParquetSet(name, split, paths)  # which says what is wrong
    return _kept(name, split, paths, states)


class ParquetSet(EncodedSet):
    """Files with a column of pictures (struct with `bytes`, or bytes) and perhaps one of labels."""

    def __init__(self, name: str, split: str, paths: tuple[Path, ...]) -> None:
        files = [_opened(path) for path in paths]
        self._root = Path(commonpath(paths))
        title = shown(self._root.name)
        columns = [
            (_image_column(file, path), _label_column(file))
            for file, path in zip(files, paths, strict=True)
        ]
        for path, (image, label) in zip(paths, columns, strict=True):
            if (image, label) != columns[0]:
                raise DataError(
                    f"{path.name} has its pictures in the column {image!r} and labels in {label!r}, and "
                    f"{paths[0].name} in {columns[0][0]!r} and {columns[0][1]!r}. Expected shards of one set."
                )
        if not sum(file.metadata.num_rows for file in files):
            raise DataError(f"{title} has no rows: there is no picture in it.")
        image_column, label_column = columns[0]
        labels, classes = _labels(files, label_column, title)
        notes = _unused(files[0], image_column, label_column)
        super().__init__(name, split, classes, labels, notes)
        self._paths = paths
        self._groups = RowGroups(files, image_column, title)

    @property
    def source_identity(self) -> str:
        return f"parquet {content_digest(self._root, self._paths)}"

    def _files(self, indices: np.ndarray) -> list[bytes | ImageError]:
        return self._groups.rows(indices)

    def _title(self, index: int) -> str:
        return f"Image {index} of {shown(self._root.name)}"


@lru_cache(maxsize=2)
def _kept(
    name: str, split: str, paths: tuple[Path, ...], states: tuple[tuple[int, int], ...]
) -> ParquetSet:
    return ParquetSet(name, split, paths)


class RowGroups:
    """One column of Parquet files, read by row group and kept up to `HELD_BYTES`."""

    def __init__(self, files: Sequence[pq.ParquetFile], column: str, title: str) -> None:
        self._places = [(file, group) for file in files for group in range(file.num_row_groups)]
        self._column = column
        self._title = title
        counts = [file.metadata.row_group(group).num_rows for file, group in self._places]
        self._starts = np.cumsum([0, *counts])
        self._held: OrderedDict[int, pa.ChunkedArray] = OrderedDict()
        self._lock = Lock()

    def rows(self, indices: np.ndarray) -> list[bytes | ImageError]:
        """The encoded pictures in the rows at `indices`, in that order, or why there is none."""
        groups = np.searchsorted(self._starts, indices, side="right") - 1
        found: dict[int, bytes | ImageError] = {}
        with self._lock:
            for group in np.unique(groups).tolist():
                column, start = self._group(group), int(self._starts[group])
                for index in np.unique(indices[groups == group]).tolist():
                    found[index] = self._bytes(column[index - start].as_py(), index)
        return [found[index] for index in indices.tolist()]

    def _bytes(self, value: object, index: int) -> bytes | ImageError:
        data = value.get("bytes") if isinstance(value, Mapping) else value
        if isinstance(data, bytes):
            return data
        return ImageError(
            f"Image {index} of {self._title} is not in the file itself. Expected encoded bytes: "
            "embed the pictures when writing the file."
        )

    def _group(self, group: int) -> pa.ChunkedArray:
        if group not in self._held:
            file, number = self._places[group]
            try:
                table = file.read_row_group(number, columns=[self._column])
            except (OSError, ValueError) as error:
                raise DataError(f"{self._title} is damaged: {error}") from error
            self._held[group] = table.column(self._column)
            while len(self._held) > 1 and self._held_bytes() > HELD_BYTES:
                self._held.popitem(last=False)
        self._held.move_to_end(group)
        return self._held[group]

    def _held_bytes(self) -> int:
        return sum(column.nbytes for column in self._held.values())


def _shards(place: Path, paths: Sequence[Path], split: str) -> tuple[Path, ...]:
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


def _opened(path: Path) -> pq.ParquetFile:
    import pyarrow.parquet as pq

    if not path.is_file():
        raise DataError(f"There is no file {path}. Expected a Parquet file of pictures.")
    try:
        return pq.ParquetFile(path)
    except (OSError, ValueError) as error:
        raise DataError(f"{path.name} is not a readable Parquet file: {error}") from error


def _image_column(file: pq.ParquetFile, path: Path) -> str:
    """The column of pictures: of a known name, else the only one that holds bytes; DataError otherwise."""
    schema = file.schema_arrow
    fitting = [field.name for field in schema if _holds_bytes(field.type)]
    if known := _first(fitting, IMAGE_COLUMNS):
        return known
    if len(fitting) == 1:
        return fitting[0]
    raise DataError(
        f"{path.name} has {'several columns' if fitting else 'no column'} of pictures. Expected "
        f"{' or '.join(IMAGE_COLUMNS[:2])} with encoded bytes (the Hugging Face layout), found "
        f"{', '.join(fitting or schema.names)}."
    )


def _holds_bytes(kind: pa.DataType) -> bool:
    import pyarrow as pa

    if pa.types.is_struct(kind):
        inner = [field.type for field in kind if field.name == "bytes"]
        # Where no picture has its bytes in the file, each one says so.
        return any(_holds_bytes(one) or pa.types.is_null(one) for one in inner)
    fitting = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_binary_view)
    return any(fits(kind) for fits in fitting)


def _label_column(file: pq.ParquetFile) -> str:
    """The column of labels: of a known name, else the only one that is said to hold classes; or empty."""
    classes = _class_columns(file)
    found = _first(file.schema_arrow.names, LABEL_COLUMNS)
    return found or (classes[0] if len(classes) == 1 else "")


def _class_columns(file: pq.ParquetFile) -> list[str]:
    """Columns that the schema's `huggingface` metadata calls classes."""
    return [name for name in file.schema_arrow.names if _class_names(file, name)]


def _first(names: Sequence[str], wanted: Sequence[str]) -> str:
    """The first of the `wanted` names that is there, in any case; empty if none is."""
    there = {name.casefold(): name for name in reversed(names)}
    return next((there[name] for name in wanted if name in there), "")


def _unused(file: pq.ParquetFile, image_column: str, label_column: str) -> list[str]:
    """What is to be said of columns that may hold labels and are not read."""
    others = [name for name in file.schema_arrow.names if name not in (image_column, label_column)]
    if label_column and (classes := [name for name in _class_columns(file) if name in others]):
        return [f"Labels are those of the column {label_column!r}, not {', '.join(classes)}."]
    if others and not label_column:
        return [
            f"No column is known to hold labels ({', '.join(others)} might): expected one called "
            f"{LABEL_COLUMNS[0]!r}. The pictures have no classes."
        ]
    return []


def _labels(
    files: Sequence[pq.ParquetFile], column: str, title: str
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Labels int64 (N,), unknown where a row has none or there is no column, and the classes' names.

    Whole numbers, as floats too, are numbers of classes; text and truth values are their names.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if not column:
        rows = sum(file.metadata.num_rows for file in files)
        return np.full(rows, UNKNOWN_CLASS), ()
    try:
        read = [file.read(columns=[column]).column(column) for file in files]
        plain = [
            part.cast(part.type.value_type) if pa.types.is_dictionary(part.type) else part
            for part in read
        ]
        values = pa.chunked_array([chunk for part in plain for chunk in part.chunks], plain[0].type)
        kind = values.type
        if pa.types.is_boolean(kind) or pa.types.is_string(kind) or pa.types.is_large_string(kind):
            return _named(values.to_pylist())
        if pa.types.is_null(kind):
            return np.full(len(values), UNKNOWN_CLASS), ()
        if pa.types.is_floating(kind):
            values = pc.if_else(pc.is_nan(values), None, values)
        elif not pa.types.is_integer(kind):
            raise TypeError(f"it is of {kind}.")
        numbers = values.cast(pa.int64()).fill_null(UNKNOWN_CLASS).to_numpy()
    except (OSError, ValueError, TypeError, NotImplementedError) as error:
        raise DataError(
            f"Column {column!r} of {title} holds no class numbers or names. Expected whole numbers or "
            f"text: {error}"
        ) from error
    return _numbered(numbers, _agreed(files, column, title), f"Column {column!r} of {title}")


def _named(values: Sequence[Any]) -> tuple[np.ndarray, tuple[str, ...]]:
    """Labels by name: empty text and null are unknown."""
    texts = ["" if value is None else shown(str(value)).strip() for value in values]
    classes = sorted({text for text in texts if text}, key=natural)
    place = {text: label for label, text in enumerate(classes)}
    return np.array([place.get(text, UNKNOWN_CLASS) for text in texts], np.int64), tuple(classes)


def _numbered(
    numbers: np.ndarray, names: tuple[str, ...], what: str
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Labels by number, and the names: a number's own digits where it has none."""
    numbers = np.where(np.isin(numbers, IGNORED), UNKNOWN_CLASS, numbers)
    lowest, highest = int(numbers.min()), int(numbers.max())
    if lowest < UNKNOWN_CLASS or (names and highest >= MAX_COUNTED):
        raise DataError(
            f"{what} has the label {lowest if lowest < UNKNOWN_CLASS else highest} in row "
            f"{int(numbers.argmin() if lowest < UNKNOWN_CLASS else numbers.argmax())}. Expected class "
            "numbers from 0 on, or -1 or -100 where the class is not known."
        )
    if highest >= MAX_COUNTED:
        return _named([None if number < 0 else number for number in numbers.tolist()])
    return numbers, names + tuple(str(number) for number in range(len(names), highest + 1))


def _agreed(files: Sequence[pq.ParquetFile], column: str, title: str) -> tuple[str, ...]:
    """The names of the classes, which all files must agree on."""
    names = {_class_names(file, column) for file in files}
    if len(names) > 1:
        raise DataError(
            f"The files of {title} have different names for the classes in column {column!r}. Expected "
            "shards of one set."
        )
    return names.pop()


def _class_names(file: pq.ParquetFile, column: str) -> tuple[str, ...]:
    """The names of classes in the schema's `huggingface` metadata; none where it says nothing of them."""
    try:
        stored = json.loads((file.schema_arrow.metadata or {})[b"huggingface"])
        names = stored["info"]["features"][column]["names"]
        if isinstance(names, Mapping):
            names = [names[key] for key in sorted(names, key=int)]
        return tuple(str(name) for name in names)
    except (ValueError, KeyError, TypeError):
        return ()
