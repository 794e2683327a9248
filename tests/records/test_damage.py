"""Damage: told, listed, never believed, replaced by running again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import RecordError
from engine.records import Record, Store, folder, run
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


@given(data=st.data())
def test_no_flipped_bit_changes_what_is_read(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    store = Store(tmp_path_factory.mktemp("store"), shipped=None)
    record = run(Toy(size=40), store=store)
    expected = record.findings
    path = data.draw(st.sampled_from(sorted(record.path.glob("*[zt]"))))
    contents = bytearray(path.read_bytes())
    contents[data.draw(st.integers(0, len(contents) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(contents)
    with pytest.raises(RecordError, match="damaged"):
        Record(record.path).verify()
    try:
        read = Record(record.path).findings
    except RecordError:
        return
    for name, array in expected.arrays.items():
        np.testing.assert_array_equal(read.arrays[name], array)
    for name, column in expected.tables["rows"].items():
        np.testing.assert_array_equal(read.tables["rows"][name], column)


def test_damage_once_seen_stays_known_and_is_replaced(store: Store) -> None:
    spec = Toy(size=1000)
    record = run(spec, store=store)
    path = record.path / folder.ARRAYS
    contents = bytearray(path.read_bytes())
    contents[2000] ^= 1
    path.write_bytes(contents)
    found = store.find(spec.key())
    assert found is not None  # the sizes are right, and nothing else has been read yet
    with pytest.raises(RecordError, match=r"corrupt.*Delete it, or run"):
        found.arrays["draws"]
    assert found.damage
    with pytest.raises(RecordError, match="corrupt"):
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
