"""Zip files: a record travels whole; strangers' files do no harm."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from engine.errors import RecordError
from engine.records import Store, archive, folder, run
from tests.toys import Toy


def files_under(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def test_a_packed_record_unpacks_to_the_same(store: Store, tmp_path: Path) -> None:
    image = np.random.default_rng(0).integers(0, 256, (7, 5, 3), dtype=np.uint8)
    spec = Toy(size=10, image=f"upload:{store.put_image(image)}")
    record = run(spec, store=store)
    packed = store.pack(record.key)
    assert packed == store.pack(record.key)
    other = Store(tmp_path / "other", shipped=None)
    unpacked = other.unpack(packed)
    unpacked.verify()
    assert unpacked.spec == spec
    assert unpacked.environment == record.environment
    np.testing.assert_array_equal(unpacked.arrays["draws"], record.arrays["draws"])
    np.testing.assert_array_equal(other.image(spec.image.removeprefix("upload:")), image)
    assert other.pack(record.key) == packed


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


def test_a_zip_file_that_a_person_repacked_is_welcome(store: Store, tmp_path: Path) -> None:
    record = run(Toy(), store=store)
    with zipfile.ZipFile(io.BytesIO(store.pack(record.key))) as packed:
        contents = {entry.filename: packed.read(entry) for entry in packed.infolist()}
    folders = {f"{record.kind}/": b"", f"{record.kind}/{record.key}/": b""}
    deflated = zipped({**folders, **contents}, zipfile.ZIP_DEFLATED)
    Store(tmp_path / "other", shipped=None).unpack(deflated).verify()


def test_unsafe_and_wrong_zip_files_are_refused(store: Store, tmp_path: Path) -> None:
    packed = store.pack(run(Toy(), store=store).key)
    key = Toy().key()
    target = Store(tmp_path / "target", shipped=None)
    wrong = {
        "zip-slip": repacked(packed, **{"../../../evil.json": b"{}"}),
        "absolute": repacked(packed, **{"/etc/evil.json": b"{}"}),
        "script": repacked(packed, **{f"toy/{key}/evil.py": b"import os"}),
        "deeper": repacked(packed, **{f"toy/{key}/a/b.json": b"{}"}),
        "extra": repacked(packed, **{f"toy/{key}/extra.json": b"{}"}),
        "missing": repacked(packed, **{"arrays.npz": None}),
        "changed": repacked(packed, **{"summary.json": b"{}"}),
        "no manifest": repacked(packed, **{"manifest.json": None}),
        "odd manifest": repacked(packed, **{"manifest.json": b'{"files": [1]}'}),
        "two records": repacked(packed, **{f"toy/{'0' * 24}/spec.json": b"{}"}),
        "false image": repacked(packed, **{f"images/{'0' * 64}.png": b"png"}),
        "no zip": b"PK but no zip",
        "empty": b"",
        "cut short": packed[:-200],
        "not a record": zipped({"holiday.jpg": b"x"}),
    }
    for name, data in wrong.items():
        with pytest.raises(RecordError):
            pytest.fail(f"{name} was taken: {target.unpack(data)}")
    assert not files_under(tmp_path / "target")
    assert not list(tmp_path.glob("**/evil*"))


def test_bombs_are_refused_unread(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    zeros = {"toy/" + "0" * 24 + "/arrays.npz": b"\0" * 2_000_000}
    monkeypatch.setattr(archive, "MAX_BYTES", 1_000_000)
    with pytest.raises(RecordError, match="unpacks to 1 files and 2 MB"):
        archive.from_zip(zipped(zeros, zipfile.ZIP_DEFLATED))
    with pytest.raises(RecordError, match="unpacks to 501 files"):
        archive.from_zip(zipped({f"{i}": b"" for i in range(501)}))


def test_a_zip_file_that_lies_about_its_size_is_not_believed() -> None:
    name = "toy/" + "0" * 24 + "/arrays.npz"
    bomb = zipped({name: b"\0" * 50_000_000}, zipfile.ZIP_DEFLATED)
    honest, lie = (size.to_bytes(4, "little") for size in (50_000_000, 1000))
    tracemalloc.start()
    with pytest.raises(RecordError, match="damaged"):
        archive.from_zip(bomb.replace(honest, lie))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000


def test_bombs_inside_a_record_are_refused(store: Store, tmp_path: Path) -> None:
    record = run(Toy(), store=store)
    np.savez_compressed(tmp_path / "bomb.npz", draws=np.zeros(100_000))
    rows = pa.table({"a": pa.array(np.zeros(1_000_000, np.int8))})
    sink = io.BytesIO()
    parquet.write_table(rows, sink)
    for name, data in (
        (folder.ARRAYS, (tmp_path / "bomb.npz").read_bytes()),
        ("rows.parquet", sink.getvalue()),
    ):
        bomb = repacked_with_manifest(store.pack(record.key), name, data)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(archive, "MAX_CELLS", 10_000)
            with pytest.raises(RecordError, match=r"compressed|too many cells"):
                Store(tmp_path / "target", shipped=None).unpack(bomb)


def repacked_with_manifest(packed: bytes, name: str, data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive_:
        path = next(p for p in archive_.namelist() if p.endswith(folder.MANIFEST))
        manifest = json.loads(archive_.read(path))
    entry = folder.Entry(len(data), hashlib.sha256(data).hexdigest())
    manifest["files"][name] = dataclasses.asdict(entry)
    return repacked(packed, **{name: data, folder.MANIFEST: json.dumps(manifest).encode()})
