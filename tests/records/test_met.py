"""What is remembered of a record holds only as long as its files are the same."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine.errors import RecordError
from engine.records import Record, Store, run
from engine.records import record as module
from engine.records.record import VERDICT, met
from tests.toys import Toy


@pytest.fixture
def settled(store: Store, monkeypatch: pytest.MonkeyPatch) -> Record:
    """A record whose files have lain there for a while."""
    record = run(Toy(seed=1), store=store)
    age(record.path)
    assert not met(record.path).damage  # the first look at a spec imports methods
    monkeypatch.setattr(module, "_met", {})
    return record


def age(folder: Path) -> None:
    for path in folder.iterdir():
        stat = path.stat()
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns - 10 * module.SETTLED_NS))


def read_files(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    names: list[str] = []
    read = module.files.read_file

    def counted(path: Path) -> bytes:
        names.append(path.name)
        return read(path)

    monkeypatch.setattr(module.files, "read_file", counted)
    return names


def test_a_record_that_stayed_the_same_is_read_once(
    store: Store, settled: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = read_files(monkeypatch)
    read = []
    for _ in range(3):
        (record,) = store.records()
        assert (record.damage, record.spec, record.outdated) == ("", Toy(seed=1), False)
        assert store.find(settled.key) is not None  # which touches it
        read.append(len(names))
    assert read[0] == read[2]


def test_whatever_changes_is_read_again(store: Store, settled: Record) -> None:
    assert not met(settled.path).damage
    for name in ("spec.json", "summary.json", "environment.json", "arrays.npz", "rows.parquet"):
        path = settled.path / name
        contents = path.read_bytes()
        path.write_bytes(contents[:-2] + b"  ")
        age(settled.path)
        record = met(settled.path)
        with pytest.raises(RecordError, match="damaged"):
            record.verify()
        path.write_bytes(contents)
        (settled.path / VERDICT).unlink(missing_ok=True)
        age(settled.path)
        met(settled.path).verify()


def test_a_change_shows_where_size_and_time_of_writing_are_as_before(
    store: Store, settled: Record
) -> None:
    assert met(settled.path).arrays["draws"].any()
    path = settled.path / "arrays.npz"
    before, contents = path.stat(), path.read_bytes()
    path.write_bytes(contents[:-40] + bytes(40))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(RecordError, match="damaged"):
        met(settled.path).arrays["draws"].any()


def test_a_file_that_has_just_changed_is_not_remembered(store: Store) -> None:
    record = run(Toy(seed=1), store=store)
    assert met(record.path).summary == record.summary
    assert "summary" not in vars(met(record.path))


def test_what_was_read_of_a_record_is_there_the_next_time(store: Store, settled: Record) -> None:
    first, second = met(settled.path), met(settled.path)
    assert first.arrays["draws"] is second.arrays["draws"]
    assert first.result is second.result


def test_nobody_changes_what_others_see(store: Store, settled: Record) -> None:
    record = met(settled.path)
    with pytest.raises(ValueError, match="read-only"):
        record.arrays["draws"][:] = 0
    before = record.tables["rows"]
    mine = record.tables["rows"]
    mine["more"] = 1
    assert record.tables["rows"].equals(before)
    found = record.findings
    for array in found.arrays.values():
        array[...] = 0  # whoever asks for everything has it for himself
    assert record.arrays["draws"].any()


def test_of_many_records_only_the_last_keep_what_was_read(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = [run(Toy(seed=seed), store=store) for seed in range(4)]
    for record in records:
        age(record.path)
    size = records[0].arrays["draws"].nbytes
    monkeypatch.setattr(module, "_met", {})
    monkeypatch.setattr(module, "KEPT_BYTES", 2 * size)
    for record in records:
        assert met(record.path).arrays["draws"].any()
    kept = ["arrays" in vars(record) for _, record in module._met.values()]
    assert kept[0] is False
    assert kept[-1] is True
    assert met(records[0].path).summary == records[0].summary
