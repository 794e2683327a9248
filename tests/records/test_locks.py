"""What a killed process left is told by its lock: no clock matters, whichever way it is set."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.records import Store, disk, quota, run
from engine.records.disk import fresh_folder, left_behind
from tests.records.test_disk import use_at
from tests.toys import Toy

KILLED = """
import os, sys
from pathlib import Path
from engine.records.disk import fresh_folder
folder, _ = fresh_folder(Path(sys.argv[1]))
(folder / "half.npz").write_bytes(b"half")
print(folder, flush=True)
os.kill(os.getpid(), 9)
"""


@pytest.mark.parametrize("age", [-(10**7), 0, 10**7])
def test_leftovers_go_and_work_under_way_stays_whatever_the_clock_says(
    store: Store, age: float
) -> None:
    workshop = store.root / disk.WORKSHOP
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(workshop)],
        check=False,
        stdout=subprocess.PIPE,
        text=True,
    )
    left, (mine, lock) = Path(killed.stdout.strip()), fresh_folder(workshop)
    (mine / "half.npz").write_bytes(b"half")
    moment = time.time() - age
    for path in (left, mine):
        os.utime(path, (moment, moment))
    store._disk._sweep()
    assert not left.exists()
    assert (mine / "half.npz").exists()
    os.close(lock)
    store._disk._sweep()
    assert not mine.exists()


def test_two_do_not_take_the_same_leftover(tmp_path: Path) -> None:
    folder, lock = fresh_folder(tmp_path)
    os.close(lock)
    with left_behind(folder) as one, left_behind(folder) as two:
        assert (one, two) == (True, False)
    with left_behind(tmp_path / "nowhere") as there:
        assert not there


def test_uses_before_a_clock_was_set_back_do_not_outweigh_later_ones(store: Store) -> None:
    old, new = (run(Toy(seed=seed), store=store) for seed in (1, 2))
    use_at(old, time.time() + 10**6)
    quota.holdings(store.root)  # what looks at the store notices
    time.sleep(0.01)
    new.touch()
    assert [held.path for held in quota.first_to_go(store.root, 1, ())] == [old.path]
