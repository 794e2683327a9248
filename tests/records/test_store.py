"""The store: what goes in comes out, once, under its key, and not for every name."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from engine.errors import ImageError, ParameterError, RecordError
from engine.experiments.base import Findings
from engine.progress import Cancelled
from engine.records import Store, disk, folder, run
from engine.records.running import environment_of
from tests.toys import Inner, Toy


def files_under(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def test_a_record_holds_what_was_found(store: Store) -> None:
    spec = Toy(size=5, steps=2, seed=3, inner=Inner(precision="bfloat16"))
    found = run(spec, store=store)
    again = store.find(spec.key())
    assert again is not None
    assert again.path == found.path == store.root / "toy" / spec.key()
    assert again.spec == spec
    assert again.arrays["draws"].dtype == np.float32
    assert again.arrays["steps"].tolist() == [0, 1]
    table = again.tables["rows"]
    np.testing.assert_array_equal(table["draw"].to_numpy(), again.arrays["draws"])
    assert table["name"].tolist() == [f"draw {i}" for i in range(5)]
    assert again.summary["mean"] == pytest.approx(float(again.arrays["draws"].mean()))
    environment = again.environment
    assert environment["seed"] == 3
    assert environment["precision"] == "bfloat16"
    assert environment["digests"] == {"weights": "none"}
    assert environment["torch"]
    assert environment["numpy"] == np.__version__
    assert environment["seconds"] >= 0
    assert abs(again.created.timestamp() - time.time()) < 60
    assert not again.damage
    again.verify()


def test_findings_come_back_as_they_went(store: Store) -> None:
    spec = Toy(size=3)
    back = run(spec, store=store).findings
    assert set(back.arrays) == {"draws", "steps"}
    np.testing.assert_array_equal(back.tables["rows"]["draw"], back.arrays["draws"])


def test_numbers_that_json_lacks_become_null(store: Store) -> None:
    record = run(Toy(size=0), store=store)
    assert record.summary["mean"] is None
    json.loads((record.path / folder.SUMMARY).read_text(), parse_constant=pytest.fail)


def test_the_same_spec_is_computed_once(store: Store, diary: Path) -> None:
    first = run(Toy(seed=1), store=store)
    assert run(Toy(seed=1), store=store).key == first.key
    assert len(diary.read_text().splitlines()) == 1
    run(Toy(seed=2), store=store)
    assert len(diary.read_text().splitlines()) == 2


def test_another_experiments_findings_come_from_the_same_store(store: Store, diary: Path) -> None:
    from engine.records.running import _Context

    context = _Context(store, lambda *_, **__: None, "")
    one = context.findings_of(Toy(seed=5), context.report)
    two = context.findings_of(Toy(seed=5), context.report)
    np.testing.assert_array_equal(one.arrays["draws"], two.arrays["draws"])
    assert len(diary.read_text().splitlines()) == 1


def test_cancelled_and_failed_runs_leave_nothing(store: Store) -> None:
    def cancel(step: float, total: float, **metrics: float | str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        run(Toy(), store=store, report=cancel)
    with pytest.raises(ImageError, match="another image"):
        run(Toy(failure="expected"), store=store)
    with pytest.raises(ZeroDivisionError):
        run(Toy(failure="defect"), store=store)
    assert store.records() == []
    assert not files_under(store.root)


def test_records_are_listed_newest_first_and_deleted(store: Store) -> None:
    specs = [Toy(seed=seed) for seed in range(3)]
    for spec in specs:
        store.save(spec, Findings(), environment_of(spec, "cpu", 0))
        time.sleep(0.002)
    assert [record.spec for record in store.records()] == specs[::-1]
    store.delete(specs[1].key())
    store.delete(specs[1].key())
    assert [record.spec for record in store.records()] == [specs[2], specs[0]]
    assert store.find(specs[1].key()) is None


@pytest.mark.parametrize(
    "key", ["../../etc", "", "A" * 24, "0" * 23, "0" * 25, "0" * 24 + "\n", "*", 7, "é" * 5000]
)
def test_what_is_no_key_is_refused(store: Store, key: str) -> None:
    for use in (store.find, store.delete, store.pack):
        with pytest.raises(RecordError, match="24 of the characters") as caught:
            use(key)
        assert len(str(caught.value)) < 300


def test_shipped_records_are_found_listed_on_request_and_kept(tmp_path: Path) -> None:
    shipped = Store(tmp_path / "shipped", shipped=None)
    record = run(Toy(), store=shipped)
    before = (record.path / folder.MANIFEST).stat().st_mtime_ns
    store = Store(tmp_path / "store", shipped=shipped.root)
    found = store.find(record.key)
    assert found is not None
    assert found.shipped
    assert store.records() == []
    assert [r.key for r in store.records(shipped=True)] == [record.key]
    assert run(Toy(), store=store).path == record.path
    with pytest.raises(RecordError, match="ships with Isthmus"):
        store.delete(record.key)
    assert record.path.is_dir()
    assert before <= (record.path / folder.MANIFEST).stat().st_mtime_ns


def test_the_environment_names_the_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ISTHMUS_STORE", str(tmp_path / "there"))
    monkeypatch.setenv("ISTHMUS_STORE_QUOTA_GB", "0.5")
    store = Store()
    assert store.root == tmp_path / "there"
    assert store.quota_bytes == 500_000_000
    for wrong in ("plenty", "0", "-1", "nan"):
        monkeypatch.setenv("ISTHMUS_STORE_QUOTA_GB", wrong)
        with pytest.raises(ParameterError, match="gigabytes"):
            Store()


def test_one_store_has_one_identity(tmp_path: Path) -> None:
    one, other = Store(tmp_path / "a"), Store(tmp_path / "b")
    assert one.identity == Store(tmp_path / "a").identity
    assert one.identity != other.identity


def test_writers_and_readers_of_one_key_get_along(store: Store) -> None:
    spec = Toy(size=500)
    environment = environment_of(spec, "cpu", 0)
    findings = Findings(arrays={"draws": np.zeros(500)})
    problems: list[Exception] = []

    def work(write: bool) -> None:
        try:
            for _ in range(15):
                if write:
                    store.save(spec, findings, environment)
                elif record := store.find(spec.key()):
                    assert len(record.arrays["draws"]) == 500
        except Exception as error:
            problems.append(error)

    threads = [threading.Thread(target=work, args=(i < 3,)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert [r.damage for r in store.records()] == [""]
    assert not list((store.root / disk.WORKSHOP).iterdir())
