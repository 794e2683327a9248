"""Room: the quota, a full disk, a disk that refuses."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engine.errors import RecordError
from engine.records import Record, Store, disk, folder, run
from tests.toys import Toy


def use_at(record: Record, moment: float) -> None:
    os.utime(record.path / folder.MANIFEST, (moment, moment))


def stuffed(store: Store, seeds: range, size: int = 25_000) -> list[Record]:
    """Records of about 450 kB, the first of them least recently used."""
    records = [run(Toy(seed=seed, size=size), store=store) for seed in seeds]
    for age, record in enumerate(records):
        use_at(record, 1_000_000 + age)
    return records


def size_on_disk(record: Record) -> int:
    return sum(path.stat().st_size for path in record.path.iterdir())


def test_the_least_recently_used_go_first(store: Store) -> None:
    a, b, c = stuffed(store, range(3))
    small = Store(store.root, shipped=None, quota_bytes=int(3.5 * size_on_disk(a)))
    assert small.find(a.key)  # used just now
    new = run(Toy(seed=9, size=25_000), store=small)
    assert {record.key for record in small.records()} == {a.key, c.key, new.key}
    assert small.find(b.key) is None


def test_the_quota_holds_however_many_are_saved(store: Store) -> None:
    one = size_on_disk(run(Toy(size=2000), store=store))
    small = Store(store.root, shipped=None, quota_bytes=12 * one)
    for seed in range(1, 30):
        run(Toy(seed=seed, size=2000), store=small)
        assert sum(map(size_on_disk, small.records())) <= 12.5 * one
    assert len(small.records()) > 8


def test_what_was_just_saved_stays_however_large(tmp_path: Path) -> None:
    store = Store(tmp_path / "store", shipped=None, quota_bytes=1000)
    first, second = run(Toy(seed=1), store=store), run(Toy(seed=2), store=store)
    assert store.find(first.key) is None
    assert store.find(second.key)


def test_uploads_stay_as_long_as_a_record_refers_to_them(store: Store) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (2, 200, 300, 3), dtype=np.uint8)
    wanted, unwanted = (store.put_image(image) for image in noise)
    for digest in (wanted, unwanted):
        os.utime(store.root / "images" / f"{digest}.png", (1000, 1000))
    keeper = run(Toy(image=f"upload:{wanted}"), store=store)
    records = stuffed(store, range(3))
    small = Store(store.root, shipped=None, quota_bytes=2 * size_on_disk(records[0]))
    assert small.find(keeper.key)
    run(Toy(seed=100), store=small)
    assert small.find(records[1].key) is None
    np.testing.assert_array_equal(small.image(wanted), noise[0])
    with pytest.raises(RecordError, match="Upload it again"):
        small.image(unwanted)
    small.delete(keeper.key)
    run(Toy(seed=101), store=Store(store.root, shipped=None, quota_bytes=1000))
    with pytest.raises(RecordError, match="Upload it again"):
        small.image(wanted)


def test_uploads_drive_out_each_other_and_no_record(store: Store) -> None:
    records = stuffed(store, range(3))
    noise = np.random.default_rng(0).integers(0, 256, (14, 100, 150, 3), dtype=np.uint8)
    small = Store(store.root, shipped=None, quota_bytes=4 * size_on_disk(records[0]))
    room = small.quota_bytes // 4
    for age, image in enumerate(noise):
        digest = small.put_image(image)
        os.utime(store.root / "images" / f"{digest}.png", (1000 + age, 1000 + age))
        kept = {path.stem: path.stat().st_size for path in (store.root / "images").iterdir()}
        assert digest in kept
        assert sum(kept.values()) <= room
    assert len(kept) < len(noise)
    assert all(small.find(record.key) for record in records)


@pytest.fixture
def full_until(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Makes every flush to the disk fail for as long as a path exists."""

    def fill(path: Path) -> None:
        def fsync(handle: int) -> None:
            if path.exists():
                raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(folder.os, "fsync", fsync)

    return fill


def test_a_full_disk_evicts_and_tries_again(
    store: Store, full_until: Callable[[Path], None]
) -> None:
    first, second = stuffed(store, range(2))
    full_until(first.path)
    saved = run(Toy(seed=50, size=100), store=store)
    assert {record.key for record in store.records()} == {second.key, saved.key}


def test_a_disk_that_stays_full_is_told_with_figures(
    store: Store, full_until: Callable[[Path], None], tmp_path: Path
) -> None:
    full_until(tmp_path)
    with pytest.raises(
        RecordError, match=r"about 0\.7 MB are needed in .*store.*MB are free.*ISTHMUS_STORE"
    ):
        run(Toy(size=25_000), store=store)
    assert not [path for path in store.root.rglob("*") if path.is_file()]


def test_nothing_is_evicted_in_vain(
    store: Store, full_until: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    stuffed(store, range(2))
    full_until(store.root)
    monkeypatch.setattr(disk.Disk, "_free", lambda _: 0)
    with pytest.raises(RecordError, match="disk is full"):
        run(Toy(size=100_000), store=store)
    assert len(store.records()) == 2


@pytest.fixture
def tiny_disk(tmp_path: Path):  # type: ignore[no-untyped-def]
    """A disk of one megabyte; skips where this process may not mount one."""
    place = tmp_path / "tiny"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a file system")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_really_full_disk(tiny_disk: Path) -> None:
    store = Store(tiny_disk / "store", shipped=None)
    first, _ = stuffed(store, range(2))
    third = run(Toy(seed=3, size=25_000), store=store)
    kept = {record.key for record in store.records()}
    assert third.key in kept
    assert first.key not in kept
    with pytest.raises(RecordError, match="disk is full"):
        run(Toy(seed=4, size=100_000), store=store)
    assert {record.key for record in store.records()} == kept
    assert all(not record.damage for record in store.records())
    assert not list((store.root / disk.WORKSHOP).iterdir())
    with pytest.raises(RecordError, match="disk is full"):
        store.put_image(np.random.default_rng(0).integers(0, 256, (900, 900, 3), dtype=np.uint8))


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RecordError, match=r"Cannot write to the store .*ISTHMUS_STORE"):
        run(Toy(), store=Store(tmp_path / "file" / "store", shipped=None))
