"""The labels in Parquet files: numbers of classes with or without names, or the names themselves."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.datasets.imageset import UNKNOWN_CLASS
from engine.datasets.names import natural, shown
from engine.errors import DataError

if TYPE_CHECKING:
    import pyarrow.parquet as pq

LABEL_COLUMNS = (
    *("label", "fine_label", "labels", "cls", "class", "target", "category"),
    *("class_label", "class_name", "label_name", "coarse_label"),
)
"""Column names in order of preference, in any case."""

IGNORED = (-1, -100)
"""Labels of pictures whose class nobody has said: Hugging Face's and PyTorch's."""

MAX_COUNTED = 100_000
"""Class numbers without names are counted up to here; of larger ones (20230101) each is a name itself."""


def label_column(file: pq.ParquetFile) -> str:
    """The column of labels: of a known name, else the only one that is said to hold classes; or empty."""
    classes = _class_columns(file)
    found = first_of(file.schema_arrow.names, LABEL_COLUMNS)
    return found or (classes[0] if len(classes) == 1 else "")


def _class_columns(file: pq.ParquetFile) -> list[str]:
    """Columns that the schema's `huggingface` metadata calls classes."""
    return [name for name in file.schema_arrow.names if _class_names(file, name)]


def first_of(names: Sequence[str], wanted: Sequence[str]) -> str:
    """The first of the `wanted` names that is there, in any case; empty if none is."""
    there = {name.casefold(): name for name in reversed(names)}
    return next((there[name] for name in wanted if name in there), "")


def unused_columns(file: pq.ParquetFile, image_column: str, label_column: str) -> list[str]:
    """What is to be said of columns that may hold labels and are not read."""
    others = [name for name in file.schema_arrow.names if name not in (image_column, label_column)]
    if label_column and (classes := [name for name in _class_columns(file) if name in others]):
        return [f"Labels are those of the column {label_column!r}, not {', '.join(classes)}."]
    if label_column:
        return []
    might = f" ({', '.join(others)} might)" if others else ""
    return [
        f"No column is known to hold labels{might}: expected one called {LABEL_COLUMNS[0]!r}. The pictures "
        "have no classes."
    ]


def nameless_classes(file: pq.ParquetFile, column: str, classes: Sequence[str]) -> list[str]:
    """What is to be said where labels go beyond the classes that the file names."""
    named = len(_class_names(file, column))
    if not 0 < named < len(classes):
        return []
    return [
        f"The file names {named} classes, and labels in the column {column!r} go up to {len(classes) - 1}: "
        "those beyond have no names."
    ]


def read_labels(
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
        tables = [pa.table({column: part}) for part in plain]
        values = pa.concat_tables(tables, promote_options="permissive").column(column)
        kind = values.type
        # Some programs write text as bytes.
        if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
            kind = pa.string()
            values = values.cast(kind)
        texts = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
        if pa.types.is_boolean(kind) or any(fits(kind) for fits in texts):
            return _named(values.to_pylist())
        if pa.types.is_null(kind):
            return np.full(len(values), UNKNOWN_CLASS), ()
        if pa.types.is_floating(kind):
            values = pc.if_else(pc.is_nan(values), None, values)
        elif not (pa.types.is_integer(kind) or pa.types.is_decimal(kind)):
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
