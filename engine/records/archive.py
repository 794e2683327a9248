"""A record as one zip file, and back. The way back trusts nothing: names, sizes, digests."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from engine.errors import RecordError
from engine.records.folder import (
    ARRAYS,
    ENVIRONMENT,
    MANIFEST,
    SPEC,
    TABLE,
    address_of,
    key_told,
    read_manifest,
)
from engine.records.names import IMAGES, is_file, is_record

MAX_BYTES = 2**30
MAX_FILES = 500

UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError)
"""What zipfile raises for damage, encryption (RuntimeError) and unknown compression (its subclass)."""

_IMAGE = re.compile(rf"{IMAGES}/([0-9a-f]{{64}})\.png")


@dataclass(frozen=True)
class Parcel:
    """What a zip file holds: the files of one record, and the uploaded images it refers to."""

    kind: str
    key: str
    files: dict[str, bytes]
    images: dict[str, bytes]


def to_zip(parcel: Parcel) -> bytes:
    """The parcel as a zip file with the paths <kind>/<key>/<file> and images/<digest>.png.

    The same record gives the same bytes: no entry has a date.
    """
    sink = io.BytesIO()
    named = {f"{parcel.kind}/{parcel.key}/{name}": data for name, data in parcel.files.items()}
    named |= {f"{IMAGES}/{digest}.png": data for digest, data in parcel.images.items()}
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for name, data in sorted(named.items()):
            archive.writestr(zipfile.ZipInfo(name), data)
    return sink.getvalue()


def from_zip(data: bytes, most: int = MAX_BYTES) -> Parcel:
    """The parcel in a zip file; RecordError for anything but a whole and harmless record.

    It may unpack to `most` bytes, and so may a table in it.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            contents = _contents(archive, most)
    except UNREADABLE as error:
        raise RecordError(
            f"The file is not a record's zip file, or it is damaged ({error}). "
            "Download the record again."
        ) from error
    parcel = _sorted_out(contents)
    _check_manifest(parcel)
    _check_key(parcel)
    _check_arrays(parcel.files[ARRAYS])
    for name, table in parcel.files.items():
        if name.endswith(TABLE):
            _check_table(name, table, most // 8)
    return parcel


def _contents(archive: zipfile.ZipFile, most: int) -> dict[str, bytes]:
    entries = archive.infolist()
    total = sum(entry.file_size for entry in entries)
    if len(entries) > MAX_FILES or total > most:
        raise RecordError(
            f"The zip file unpacks to {len(entries)} files and {total / 1e6:,.0f} MB; a record has "
            f"at most {MAX_FILES} files and {most / 1e6:,.0f} MB here."
        )
    if len({entry.filename for entry in entries}) < len(entries):
        raise RecordError("The zip file holds two files of one name, which no record does.")
    return {entry.filename: _read(archive, entry) for entry in entries if not entry.is_dir()}


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    # With a size, reading never unpacks more than that, whatever the compressed bytes hold.
    with archive.open(entry) as file:
        return file.read(max(1, entry.file_size))


def _sorted_out(contents: Mapping[str, bytes]) -> Parcel:
    files: dict[str, bytes] = {}
    images: dict[str, bytes] = {}
    folders = set()
    for path, data in contents.items():
        image = _IMAGE.fullmatch(path)
        parts = path.split("/")
        if image:
            images[image[1]] = data
        elif len(parts) == 3 and is_record(parts[0], parts[1]) and is_file(parts[2]):
            folders.add((parts[0], parts[1]))
            files[parts[2]] = data
        else:
            raise RecordError(f"The zip file holds {path!r}, which is no part of a record.")
    if len(folders) != 1:
        raise RecordError(f"Expected a zip file of one record, got one of {len(folders)}.")
    return Parcel(*folders.pop(), files, images)


def _check_manifest(parcel: Parcel) -> None:
    try:
        promised = read_manifest(parcel.files.get(MANIFEST, b""))
    except RecordError as error:
        raise RecordError(f"The file is not the zip file of a record: {error}.") from error
    found = {
        name: hashlib.sha256(data).hexdigest()
        for name, data in parcel.files.items()
        if name != MANIFEST
    }
    listed = {name: entry.sha256 for name, entry in promised.items()}
    wrong = sorted(name for name in {*listed, *found} if listed.get(name) != found.get(name))
    if wrong:
        raise RecordError(
            f"The record in the zip file is damaged: {', '.join(wrong)} is not as its "
            "manifest says. Download it again."
        )


def _check_key(parcel: Parcel) -> None:
    """RecordError unless the record is filed under the key of its own parameters."""
    key = key_told(parcel.files[SPEC], parcel.files[ENVIRONMENT])
    if parcel.key not in (key, address_of(parcel.files[MANIFEST])):
        raise RecordError(
            f"The record in the zip file is filed under {parcel.key}, but its parameters have the key "
            f"{key}: somebody has changed it. Download it again."
        )


def _check_arrays(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as arrays:
            packed = [e.filename for e in arrays.infolist() if e.compress_type]
    except zipfile.BadZipFile as error:
        raise RecordError(f"The zip file's {ARRAYS} is not a file of arrays.") from error
    if packed:
        raise RecordError(f"The zip file's {ARRAYS} is compressed, which no record's is: refused.")


def _check_table(name: str, data: bytes, most: int) -> None:
    """RecordError for a table of more cells: run-length coding packs any number into a few bytes."""
    import pyarrow as pa
    from pyarrow import parquet

    try:
        metadata = parquet.read_metadata(pa.BufferReader(data))
    except (OSError, ValueError) as error:
        raise RecordError(f"The zip file's {name} is not a table ({error}).") from error
    if metadata.num_rows * metadata.num_columns > most:
        raise RecordError(f"The zip file's {name} has too many cells: at most {most:,}.")
