"""A record's folder: how its files are written, and the manifest that tells whole from damaged."""

from __future__ import annotations

import hashlib
import io
import json
import math
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from engine.errors import RecordError
from engine.experiments.base import Columns, Findings, Spec, canonical_json, key_of
from engine.records.names import IMPORTED, is_file

SPEC, SUMMARY, ENVIRONMENT = "spec.json", "summary.json", "environment.json"
ARRAYS, MANIFEST = "arrays.npz", "manifest.json"
TABLE = ".parquet"
FORMAT = 1


class CorruptFileError(RecordError):
    """A file whose contents are wrong, not one that is merely out of reach."""


@dataclass(frozen=True)
class Entry:
    """What the manifest says of one file."""

    size: int
    sha256: str


def write_record(
    folder: Path, spec: Spec, findings: Findings, environment: Mapping[str, Any]
) -> None:
    """Write a record's files into an empty folder, the manifest last, all of it on the disk."""
    write_json(folder / SPEC, json.loads(spec.canonical()))
    write_json(folder / SUMMARY, findings.summary)
    write_json(folder / ENVIRONMENT, environment)
    with durable(folder / ARRAYS) as file:
        np.savez(file, allow_pickle=False, **findings.arrays)
    for name, columns in findings.tables.items():
        write_file(folder / f"{name}{TABLE}", _as_parquet(columns))
    _write_manifest(folder)
    sync_folder(folder)


def size_of(findings: Findings) -> int:
    """About how many bytes the findings will take."""
    columns = [column for table in findings.tables.values() for column in table.values()]
    arrays = [np.asarray(values) for values in (*findings.arrays.values(), *columns)]
    text = [array for array in arrays if array.dtype.kind in "OU"]
    numbers = sum(array.nbytes for array in arrays if array.dtype.kind not in "OU")
    return numbers + sum(len(str(value)) for array in text for value in array.flat) + 32 * 1024


def read_manifest(contents: bytes) -> dict[str, Entry]:
    """The entries of a manifest by file name; RecordError unless it is one."""
    document = parse_json(MANIFEST, contents)
    try:
        entries = {name: Entry(**entry) for name, entry in document["files"].items()}
    except (AttributeError, KeyError, TypeError) as error:
        raise RecordError(f"its {MANIFEST} is not a manifest") from error
    needed = {SPEC, SUMMARY, ENVIRONMENT, ARRAYS}
    if document.get("format") != FORMAT or not needed <= set(entries):
        raise RecordError(f"its {MANIFEST} is incomplete or of an unknown format")
    for name, entry in entries.items():
        if not (is_file(name) and isinstance(entry.size, int) and isinstance(entry.sha256, str)):
            raise RecordError(f"its {MANIFEST} lists {name!r} wrongly")
    return entries


def check_listing(folder: Path, entries: Mapping[str, Entry]) -> None:
    """RecordError naming the first file that is missing, has another size, or is no part of the record."""
    for name, entry in entries.items():
        try:
            size = (folder / name).stat().st_size
        except OSError as error:
            raise RecordError(f"its file {name} is missing") from error
        if size != entry.size:
            raise RecordError(f"its file {name} has {size:,} bytes instead of {entry.size:,}")
    for path in folder.iterdir():
        if is_file(path.name) and path.name not in entries and path.name != MANIFEST:
            raise RecordError(f"its {MANIFEST} does not list the file {path.name}")


def check_digests(folder: Path, entries: Mapping[str, Entry]) -> None:
    """RecordError naming the first file whose contents have changed. Reads every byte."""
    for name, entry in entries.items():
        _compare(name, _digest(folder / name), entry)


def read_checked(folder: Path, name: str, entries: Mapping[str, Entry]) -> bytes:
    """What stands in a record's file; RecordError unless it is what the manifest promises."""
    contents = read_file(folder / name)
    _compare(name, hashlib.sha256(contents).hexdigest(), entries[name])
    return contents


def read_json(folder: Path, name: str, entries: Mapping[str, Entry]) -> dict[str, Any]:
    """The JSON object in a record's file; RecordError for anything but what the manifest promises."""
    return parse_json(name, read_checked(folder, name, entries))


def check_address(address: str, folder: Path, entries: Mapping[str, Entry]) -> None:
    """RecordError unless a record is kept where it belongs.

    That is the key of its own parameters or, where nobody vouches for it, the digest of its contents.
    """
    told = key_told(*(read_checked(folder, name, entries) for name in (SPEC, ENVIRONMENT)))
    if address not in (told, address_of(read_file(folder / MANIFEST))):
        raise RecordError(f"it is kept under {address}, but its parameters have the key {told}")


def address_of(manifest: bytes) -> str:
    """Where a record is kept that nobody vouches for: told by its contents, so it replaces nothing."""
    return f"{IMPORTED}{hashlib.sha256(manifest).hexdigest()[:24]}"


def key_told(spec: bytes, environment: bytes) -> str:
    """The key of a record's parameters, from two of its files; RecordError where they do not tell it."""
    try:
        about = parse_json(ENVIRONMENT, environment)
        # Before there were revisions, the engine's version stood in their place.
        revision = about["revision" if "revision" in about else "engine"]
        return key_of(canonical_json(parse_json(SPEC, spec)), revision, about["digests"])
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise RecordError(f"its {SPEC} and {ENVIRONMENT} do not tell its key") from error


def write_json(path: Path, document: Mapping[str, Any]) -> None:
    """Write strict JSON: numpy scalars and arrays become plain, NaN and infinity become null."""
    text = json.dumps(_plain(document), indent=1, ensure_ascii=False, allow_nan=False)
    write_file(path, f"{text}\n".encode())


def write_file(path: Path, data: bytes) -> None:
    """Write a new file and wait until it is on the disk."""
    with durable(path) as file:
        file.write(data)


@contextmanager
def durable(path: Path) -> Iterator[IO[bytes]]:
    """A new file, open for writing, that is on the disk when the block ends."""
    with path.open("xb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write_manifest(folder: Path) -> None:
    files = sorted(folder.iterdir())
    entries = {f.name: asdict(Entry(f.stat().st_size, _digest(f))) for f in files}
    for name in entries:
        if not is_file(name):
            raise ValueError(f"{name!r} cannot be the name of a record's file")
    write_json(folder / MANIFEST, {"format": FORMAT, "files": entries})


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise RecordError(f"its file {path.name} cannot be read ({error.strerror})") from error


def _compare(name: str, digest: str, entry: Entry) -> None:
    if digest != entry.sha256:
        raise CorruptFileError(f"the contents of its file {name} have changed")


def read_file(path: Path) -> bytes:
    """What stands in a file; RecordError where it cannot be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise RecordError(f"its file {path.name} is missing") from error
    except OSError as error:
        raise RecordError(f"its file {path.name} cannot be read ({error.strerror})") from error


def parse_json(name: str, contents: bytes) -> dict[str, Any]:
    """The JSON object that a file of this name holds; RecordError for anything else."""
    try:
        document = json.loads(contents)
    except (ValueError, RecursionError) as error:
        raise RecordError(f"its file {name} cannot be read ({error})") from error
    if not isinstance(document, dict):
        raise RecordError(f"its file {name} does not hold a JSON object")
    return document


def _as_parquet(columns: Columns) -> bytes:
    import pyarrow as pa
    from pyarrow import parquet

    sink = io.BytesIO()
    table = pa.table({name: pa.array(values) for name, values in columns.items()})
    parquet.write_table(table, sink)
    return sink.getvalue()


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, np.generic | np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
