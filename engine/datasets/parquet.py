"""Parquet files in the Hugging Face layout: a column of encoded pictures and a column of labels."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from os.path import commonpath
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from engine.datasets.content import content_digest
from engine.datasets.encoded import EncodedSet
from engine.datasets.imageset import ImageSet
from engine.datasets.names import shown
from engine.datasets.parquet_labels import (
    first_of,
    label_column,
    nameless_classes,
    read_labels,
    unused_columns,
)
from engine.datasets.shards import files_in, files_of, shards_of
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
"""Names of the column of pictures in order of preference, in any case."""

HELD_BYTES = 2**30
"""Encoded pictures kept in memory, by row group; the least recently used make room."""


def open_parquet(name: str, argument: str, split: str, report: Reporter) -> ImageSet:
    """ "parquet:PATH": a file, or the shards in a folder or of a pattern ("train-*.parquet").

    "{split}" in the path stands for the split. Of several files those count that are called as the split
    is; where none is called as any, or all as one, they serve both.
    """
    path = local_path("parquet", argument.replace("{split}", split))
    if not argument:
        raise DataError(
            "Expected parquet:PATH with the path of a Parquet file, or of a folder of some."
        )
    if path.is_dir():
        return _parquet_set(name, split, shards_of(path, files_in(path), split))
    if not path.exists() and re.search(r"[*?\[]", str(path)):
        return _parquet_set(name, split, shards_of(path, files_of(path), split))
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
            (_image_column(file, path), label_column(file))
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
        image_column, of_labels = columns[0]
        labels, classes = read_labels(files, of_labels, title)
        notes = unused_columns(files[0], image_column, of_labels)
        notes += nameless_classes(files[0], of_labels, classes)
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


def _opened(path: Path) -> pq.ParquetFile:
    import pyarrow.parquet as pq

    if not path.is_file():
        raise DataError(f"There is no file {path}. Expected a Parquet file of pictures.")
    try:
        file = pq.ParquetFile(path)
    except (OSError, ValueError) as error:
        raise DataError(f"{path.name} is not a readable Parquet file: {error}") from error
    names = file.schema_arrow.names
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise DataError(
            f"{path.name} has several columns called {', '.join(twice)}. Give each a name of its own."
        )
    return file


def _image_column(file: pq.ParquetFile, path: Path) -> str:
    """The column of pictures: of a known name, else the only one that holds bytes; DataError otherwise."""
    schema = file.schema_arrow
    fitting = [field.name for field in schema if _holds_bytes(field.type)]
    if known := first_of(fitting, IMAGE_COLUMNS):
        return known
    if len(fitting) == 1:
        return fitting[0]
    raise DataError(
        f"{path.name} has {'several columns' if fitting else 'no column'} of pictures. Expected "
        f"{' or '.join(IMAGE_COLUMNS[:2])} with encoded bytes (the Hugging Face layout), found "
        f"{', '.join(fitting or (f'{field.name} ({field.type})' for field in schema))}."
    )


def _holds_bytes(kind: pa.DataType) -> bool:
    import pyarrow as pa

    if pa.types.is_struct(kind):
        inner = [field.type for field in kind if field.name == "bytes"]
        # Where no picture has its bytes in the file, each one says so.
        return any(_holds_bytes(one) or pa.types.is_null(one) for one in inner)
    fitting = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_binary_view)
    return any(fits(kind) for fits in fitting)
