"""Whose a record is: whoever came first; he alone deletes it, and nobody can read off the disk who he is."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import RecordError
from engine.records import Record, Store, run
from tests.toys import Toy

ANN, BEN = "ann's mark", "ben's mark"


@pytest.fixture
def record(store: Store) -> Record:
    return run(Toy(), store=store)


def test_only_whoever_claimed_first_may_delete(store: Store, record: Record) -> None:
    with pytest.raises(RecordError, match="not yours to delete"):
        store.delete(record.key, ANN)  # nobody's is not everybody's
    store.claim(record, ANN)
    store.claim(record, BEN)
    with pytest.raises(RecordError, match="not yours to delete"):
        store.delete(record.key, BEN)
    assert store.find(record.key)
    store.delete(record.key, ANN)
    assert store.find(record.key) is None


def test_the_one_user_of_a_machine_deletes_everything(store: Store, record: Record) -> None:
    store.claim(record, ANN)
    store.delete(record.key)
    assert store.find(record.key) is None


def test_a_record_made_again_is_nobody_elses_by_inheritance(store: Store, record: Record) -> None:
    store.claim(record, ANN)
    store.delete(record.key, ANN)
    again = run(Toy(), store=store)
    assert again.owner != ANN


def test_what_replaces_a_damaged_record_is_its_owners(store: Store, record: Record) -> None:
    store.claim(record, ANN)
    (record.path / "summary.json").write_text("{}")
    again = run(Toy(), store=store)
    store.claim(again, BEN)
    assert not again.damage
    assert again.owner == ANN
    assert again.owner != BEN


def test_who_brings_a_record_owns_it_until_he_deletes_it(store: Store, record: Record) -> None:
    store.claim(record, ANN)
    brought = store.bring_in(store.pack(record.key), BEN)
    store.bring_in(store.pack(record.key), ANN)
    assert brought.owner == BEN
    with pytest.raises(RecordError, match="not yours to delete"):
        store.delete(brought.key, ANN)
    store.delete(brought.key, BEN)
    assert record.owner == ANN


def test_no_file_and_no_zip_tells_who_the_owner_is(store: Store, tmp_path: Path) -> None:
    record = run(Toy(), store=store)
    other = Store(tmp_path / "other", shipped=None)
    twin = run(Toy(), store=other)
    packed = store.pack(record.key)
    for one, its in ((store, record), (other, twin)):
        one.claim(its, one.mark_of("user https://id.example ann@example.org"))
    assert record.owner != twin.owner
    assert not record.damage
    assert store.pack(record.key) == packed
    written = b"".join(path.read_bytes() for path in store.root.rglob("*") if path.is_file())
    assert not any(part.encode() in written for part in ("ann", "example"))
    assert (store.root / "owners.key").stat().st_mode & 0o777 == 0o600


def test_shipped_records_are_nobodys(store: Store, tmp_path: Path) -> None:
    run(Toy(), store=store)
    over = Store(tmp_path / "over", shipped=store.root)
    found = over.find(Toy().key())
    assert found is not None
    over.claim(found, ANN)
    assert not found.owner
    with pytest.raises(RecordError, match="ships with Isthmus"):
        over.delete(found.key, ANN)
