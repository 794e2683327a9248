"""Packed records, taken apart and put together again as a stranger would."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import zipfile

from engine.records import folder


def repacked(packed: bytes, **changes: bytes | None) -> bytes:
    """The zip file with some entries replaced, added or (None) left out, by the end of their name."""
    with zipfile.ZipFile(io.BytesIO(packed)) as archive_:
        contents = {entry.filename: archive_.read(entry) for entry in archive_.infolist()}
    for name, data in changes.items():
        path = next((p for p in contents if p.endswith(name)), name)
        contents.pop(path, None)
        if data is not None:
            contents[path] = data
    return zipped(contents)


def zipped(contents: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", compression) as archive_:
        for name, data in contents.items():
            archive_.writestr(zipfile.ZipInfo(name), data, compression)
    return sink.getvalue()


def summary_of(packed: bytes, **numbers: object) -> bytes:
    """The summary of a packed record with some of its numbers changed."""
    with zipfile.ZipFile(io.BytesIO(packed)) as archive_:
        path = next(p for p in archive_.namelist() if p.endswith(folder.SUMMARY))
        return json.dumps({**json.loads(archive_.read(path)), **numbers}).encode()


def repacked_with_manifest(packed: bytes, name: str, data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive_:
        path = next(p for p in archive_.namelist() if p.endswith(folder.MANIFEST))
        manifest = json.loads(archive_.read(path))
    entry = folder.Entry(len(data), hashlib.sha256(data).hexdigest())
    manifest["files"][name] = dataclasses.asdict(entry)
    return repacked(packed, **{name: data, folder.MANIFEST: json.dumps(manifest).encode()})
