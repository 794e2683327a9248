"""Damage: told, listed, never believed, replaced by running again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engine.errors import RecordError
from engine.records import Store, folder, run
from engine.records.record import VERDICT
from tests.toys import Toy


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def scribble(path: Path) -> None:
    path.write_bytes(b"[" * 99_999)


@pytest.mark.parametrize("name", ["arrays.npz", "rows.parquet", "spec.json", "manifest.json"])
@pytest.mark.parametrize("harm", [truncate, scribble, Path.unlink])
def test_a_damaged_record_is_told_listed_and_replaced(
    store: Store, diary: Path, name: str, harm: Callable[[Path], None]
) -> None:
    whole, spec = run(Toy(seed=1), store=store), Toy(seed=2)
    record = run(spec, store=store)
    expected = record.arrays["draws"]
    harm(record.path / name)
    with pytest.raises(RecordError, match=r"damaged.*run the experiment again"):
        store.find(spec.key())
    listed = {r.key: r for r in store.records()}
    assert not listed[whole.key].damage
    assert listed[spec.key()].damage
    assert listed[spec.key()].words.startswith("damaged: ")
    with pytest.raises(RecordError, match="damaged"):
        store.pack(spec.key())
    replaced = run(spec, store=store)
    np.testing.assert_array_equal(replaced.arrays["draws"], expected)
    assert [r.damage for r in store.records()] == ["", ""]
    assert len(diary.read_text().splitlines()) == 3


def everything(store: Store, key: str) -> str:
    """All that a page could read of a record, as text."""
    record = store.find(key)
    assert record is not None
    arrays = {name: (array.dtype, array.tolist()) for name, array in record.arrays.items()}
    tables = {name: table.to_dict() for name, table in record.tables.items()}
    return repr((record.spec, record.summary, record.environment, arrays, tables, record.created))


def mutated(contents: bytes, other: bytes, rng: np.random.Generator) -> bytes:
    """The contents of a file with some damage done to them; `other` is a file like it."""
    start = int(rng.integers(len(contents)))
    end = start + int(rng.integers(1, 40))
    new = bytearray(contents)
    match rng.integers(7):
        case 0:
            new[start] ^= 1 << int(rng.integers(8))
        case 1:
            new[start:end] = rng.bytes(len(new[start:end]))
        case 2:  # a digit for another, which is JSON as before
            digits = [place for place, byte in enumerate(new) if chr(byte).isdigit()] or [start]
            new[int(rng.choice(digits))] = ord("0") + int(rng.integers(10))
        case 3:
            del new[start:]
        case 4:
            del new[start:end]
        case 5:
            new[start:start] = new[start:end]
        case _:
            new[:] = other
    return bytes(new)


def test_no_damage_to_any_file_is_shown_as_true(store: Store) -> None:
    record, other = (run(Toy(size=20, seed=seed), store=store) for seed in (1, 2))
    expected = everything(store, record.key)
    whole = {path: path.read_bytes() for path in sorted(record.path.iterdir())}
    assert len(whole) == 6
    rng = np.random.default_rng(0)
    said = []
    for path, contents in whole.items():
        for _ in range(50):
            path.write_bytes(mutated(contents, (other.path / path.name).read_bytes(), rng))
            try:
                assert everything(store, record.key) == expected
            except RecordError as error:
                said.append(str(error))
            path.write_bytes(contents)
            (record.path / VERDICT).unlink(missing_ok=True)
    assert len(said) > 250
    assert all("is damaged: " in words for words in said)
    assert everything(store, record.key) == expected


def test_a_record_in_the_place_of_another_is_not_believed(store: Store) -> None:
    record, other = (run(Toy(seed=seed), store=store) for seed in (1, 2))
    brought, changed = (store.bring_in(store.pack(each.key)) for each in (record, other))
    for path, wrong in ((record.path, other.path), (brought.path, changed.path)):
        shutil.rmtree(path)
        shutil.copytree(wrong, path)
        with pytest.raises(RecordError, match=f"kept under {path.name}"):
            store.find(path.name)


def test_a_file_that_the_manifest_leaves_out_is_told(store: Store) -> None:
    record = run(Toy(), store=store)
    manifest = json.loads((record.path / folder.MANIFEST).read_text())
    del manifest["files"]["rows.parquet"]
    (record.path / folder.MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(RecordError, match=r"does not list the file rows\.parquet"):
        store.find(record.key)


def test_shipped_records_are_whole_to_the_last_byte() -> None:
    records = Store().records(shipped=True)
    for record in records:
        if record.shipped:
            record.verify()
    assert any(record.shipped for record in records)


def test_damage_once_seen_stays_known_and_is_replaced(store: Store) -> None:
    spec = Toy(size=1000)
    record = run(spec, store=store)
    path = record.path / folder.ARRAYS
    contents = bytearray(path.read_bytes())
    contents[2000] ^= 1
    path.write_bytes(contents)
    found = store.find(spec.key())
    assert found is not None  # the sizes are right, and nothing else has been read yet
    with pytest.raises(RecordError, match=r"have changed.*Delete it, or run"):
        found.arrays["draws"]
    assert found.damage
    with pytest.raises(RecordError, match="have changed"):
        store.find(spec.key())
    assert not run(spec, store=store).damage
    store.find(spec.key()).arrays["draws"]  # type: ignore[union-attr]


def test_a_silently_changed_record_is_computed_again(store: Store) -> None:
    spec = Toy(size=1000)
    record = run(spec, store=store)
    draws = record.arrays["draws"].copy()
    np.savez(record.path / folder.ARRAYS, draws=draws + 1, steps=np.arange(1))
    np.testing.assert_array_equal(run(spec, store=store).arrays["draws"], draws)


def test_a_record_of_another_version_is_listed_not_believed(store: Store) -> None:
    record = run(Toy(), store=store)
    document = json.loads((record.path / folder.SPEC).read_text())
    for name in (folder.SPEC, folder.MANIFEST):
        (record.path / name).unlink()
    folder.write_json(record.path / folder.SPEC, {**document, "warp": 9})
    folder._write_manifest(record.path)
    (listed,) = store.records()
    assert "version cannot read its parameters" in listed.damage
    assert listed.summary == record.summary


def test_a_vanished_record_says_so(store: Store) -> None:
    record = run(Toy(), store=store)
    found = store.find(record.key)
    store.delete(record.key)
    with pytest.raises(RecordError, match="no longer in the store"):
        found.arrays["draws"]  # type: ignore[union-attr]
