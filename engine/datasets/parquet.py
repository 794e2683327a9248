"""Parquet files in the Hugging Face layout: a column of encoded pictures and a column of labels."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from engine.datasets.content import content_digest
from engine.datasets.encoded import EncodedSet
from engine.datasets.imageset import UNKNOWN_CLASS, ImageSet
from engine.errors import DataError
from engine.local_files import local_path
from engine.progress import Reporter

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

IMAGE_COLUMNS = ("img", "image")
LABEL_COLUMNS = ("label", "fine_label", "labels")
"""Column names in order of preference."""

HELD_BYTES = 2**30
"""Encoded pictures kept in memory, by row group; the least recently used make room."""


def open_parquet(name: str, argument: str, split: str, report: Reporter) -> ImageSet:
    """ "parquet:PATH": "{split}" in the path stands for the split, else one file serves both."""
    return parquet_set(name, split, local_path("parquet", argument.replace("{split}", split)))


def parquet_set(name: str, split: str, path: Path) -> ParquetSet:
    """The set in a file; one that was opened lately is not opened again unless the file has changed."""
    try:
        state = path.stat()
    except OSError:
        return ParquetSet(name, split, path)  # which says what is wrong
    return _kept(name, split, path, state.st_mtime_ns, state.st_size)


class ParquetSet(EncodedSet):
    """A file with a column `img` or `image` (struct with `bytes`, or bytes) and perhaps labels."""

    def __init__(self, name: str, split: str, path: Path) -> None:
        file = _opened(path)
        image_column = _column(file, IMAGE_COLUMNS)
        if not image_column:
            raise DataError(
                f"{path.name} has no column of pictures. Expected {' or '.join(IMAGE_COLUMNS)} "
                f"(the Hugging Face layout), found {', '.join(file.schema_arrow.names)}."
            )
        if not file.metadata.num_rows:
            raise DataError(f"{path.name} has no rows: there is no picture in it.")
        label_column = _column(file, LABEL_COLUMNS)
        labels = _labels(file, label_column, path)
        super().__init__(name, split, _class_names(file, label_column, labels), labels)
        self._path = path
        self._groups = RowGroups(file, image_column, path.name)

    @property
    def source_identity(self) -> str:
        return f"parquet {content_digest(self._path, [self._path])}"

    def _files(self, indices: np.ndarray) -> list[bytes]:
        return self._groups.rows(indices)

    def _title(self, index: int) -> str:
        return f"Image {index} of {self._path.name}"


@lru_cache(maxsize=2)
def _kept(name: str, split: str, path: Path, changed: int, size: int) -> ParquetSet:
    return ParquetSet(name, split, path)


class RowGroups:
    """One column of a Parquet file, read by row group and kept up to `HELD_BYTES`."""

    def __init__(self, file: pq.ParquetFile, column: str, title: str) -> None:
        self._file = file
        self._column = column
        self._title = title
        counts = [file.metadata.row_group(g).num_rows for g in range(file.num_row_groups)]
        self._starts = np.cumsum([0, *counts])
        self._held: OrderedDict[int, pa.ChunkedArray] = OrderedDict()
        self._lock = Lock()

    def rows(self, indices: np.ndarray) -> list[bytes]:
        """The encoded pictures in the rows at `indices`, in that order."""
        groups = np.searchsorted(self._starts, indices, side="right") - 1
        found: dict[int, bytes] = {}
        with self._lock:
            for group in np.unique(groups).tolist():
                column, start = self._group(group), int(self._starts[group])
                for index in np.unique(indices[groups == group]).tolist():
                    found[index] = self._bytes(column[index - start].as_py(), index)
        return [found[index] for index in indices.tolist()]

    def _bytes(self, value: object, index: int) -> bytes:
        data = value.get("bytes") if isinstance(value, Mapping) else value
        if isinstance(data, bytes):
            return data
        raise DataError(
            f"Image {index} of {self._title} is not in the file itself. Expected encoded bytes: "
            "embed the pictures when writing the file."
        )

    def _group(self, group: int) -> pa.ChunkedArray:
        if group not in self._held:
            try:
                table = self._file.read_row_group(group, columns=[self._column])
            except (OSError, ValueError) as error:
                raise DataError(f"{self._title} is damaged: {error}") from error
            self._held[group] = table.column(self._column)
            while len(self._held) > 1 and self._held_bytes() > HELD_BYTES:
                self._held.popitem(last=False)
        self._held.move_to_end(group)
        return self._held[group]

    def _held_bytes(self) -> int:
        return sum(column.nbytes for column in self._held.values())


def _opened(path: Path) -> pq.ParquetFile:
    import pyarrow.parquet as pq

    if not path.is_file():
        raise DataError(f"There is no file {path}. Expected a Parquet file of pictures.")
    try:
        return pq.ParquetFile(path)
    except (OSError, ValueError) as error:
        raise DataError(f"{path.name} is not a readable Parquet file: {error}") from error


def _column(file: pq.ParquetFile, names: Sequence[str]) -> str:
    return next((name for name in names if name in file.schema_arrow.names), "")


def _labels(file: pq.ParquetFile, column: str, path: Path) -> np.ndarray:
    """int64 (N,); unknown where a row has no label or the file has none."""
    if not column:
        return np.full(file.metadata.num_rows, UNKNOWN_CLASS)
    try:
        values = file.read(columns=[column]).column(column).to_pylist()
        labels = [UNKNOWN_CLASS if value is None else value for value in values]
        return np.array(labels).astype(np.int64, casting="safe")
    except (OSError, ValueError, TypeError) as error:
        raise DataError(
            f"Column {column!r} of {path.name} holds no class numbers. Expected whole numbers: "
            f"{error}"
        ) from error


def _class_names(file: pq.ParquetFile, column: str, labels: np.ndarray) -> tuple[str, ...]:
    """The names in the schema's `huggingface` metadata; a number's own digits where none is."""
    try:
        stored = json.loads((file.schema_arrow.metadata or {})[b"huggingface"])
        names = stored["info"]["features"][column]["names"]
        if isinstance(names, Mapping):
            names = [names[key] for key in sorted(names, key=int)]
        named = tuple(str(name) for name in names)
    except (ValueError, KeyError, TypeError):
        named = ()
    return named + tuple(str(number) for number in range(len(named), int(labels.max()) + 1))
