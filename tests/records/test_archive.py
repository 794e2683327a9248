"""Zip files: a record travels whole; strangers' files do no harm."""

from __future__ import annotations

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
from tests.records.packed import repacked, repacked_with_manifest, summary_of, zipped
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
    unpacked = other.unpack(packed, record.key)
    unpacked.verify()
    assert unpacked.spec == spec
    assert unpacked.environment == record.environment
    np.testing.assert_array_equal(unpacked.arrays["draws"], record.arrays["draws"])
    np.testing.assert_array_equal(other.image(spec.image.removeprefix("upload:")), image)
    assert other.pack(record.key) == packed


def test_a_zip_file_that_a_person_repacked_is_welcome(store: Store, tmp_path: Path) -> None:
    record = run(Toy(), store=store)
    with zipfile.ZipFile(io.BytesIO(store.pack(record.key))) as packed:
        contents = {entry.filename: packed.read(entry) for entry in packed.infolist()}
    folders = {f"{record.kind}/": b"", f"{record.kind}/{record.key}/": b""}
    deflated = zipped({**folders, **contents}, zipfile.ZIP_DEFLATED)
    Store(tmp_path / "other", shipped=None).unpack(deflated, record.key).verify()


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
            pytest.fail(f"{name} was taken: {target.bring_in(data)}")
    assert not files_under(tmp_path / "target")
    assert not list(tmp_path.glob("**/evil*"))


def test_what_somebody_brings_replaces_nothing(store: Store, tmp_path: Path) -> None:
    record = run(Toy(), store=store)
    packed = store.pack(record.key)
    false = repacked_with_manifest(packed, folder.SUMMARY, summary_of(packed, torch="surely"))
    brought = store.bring_in(false)
    assert brought.imported
    assert brought.summary["torch"] == "surely"
    found = store.find(record.key)
    assert found is not None
    assert not found.imported
    assert found.summary == record.summary
    # Nor does it take the place of a record that is not there, or no longer.
    store.delete(record.key)
    assert store.find(record.key) is None
    assert run(Toy(), store=store).summary == record.summary


def test_what_was_brought_keeps_its_address(store: Store, tmp_path: Path) -> None:
    record = run(Toy(), store=store)
    other = Store(tmp_path / "other", shipped=None)
    brought = other.bring_in(store.pack(record.key))
    assert other.bring_in(store.pack(record.key)).key == brought.key
    assert other.bring_in(other.pack(brought.key)).key == brought.key
    assert [each.key for each in other.records()] == [brought.key]
    assert "imported" in brought.words
    other.delete(brought.key)
    assert other.find(brought.key) is None


def test_a_record_under_another_key_is_refused(store: Store, tmp_path: Path) -> None:
    record = run(Toy(), store=store)
    packed = store.pack(record.key)
    spec = json.dumps({**json.loads((record.path / folder.SPEC).read_text()), "seed": 9}).encode()
    other = Store(tmp_path / "other", shipped=None)
    with pytest.raises(RecordError, match="somebody has changed it"):
        other.bring_in(repacked_with_manifest(packed, folder.SPEC, spec))
    with pytest.raises(RecordError, match="Expected the record"):
        other.unpack(packed, "0" * 24)
    assert not other.records()


def test_bombs_are_refused_unread() -> None:
    zeros = {"toy/" + "0" * 24 + "/arrays.npz": b"\0" * 2_000_000}
    with pytest.raises(RecordError, match="unpacks to 1 files and 2 MB"):
        archive.from_zip(zipped(zeros, zipfile.ZIP_DEFLATED), most=1_000_000)
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
        with pytest.raises(RecordError, match=r"compressed|too many cells"):
            Store(tmp_path / "target", shipped=None).bring_in(bomb, most=1_000_000)
