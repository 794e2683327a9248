"""How cost grows: the simulation of workers against brute force, and the rows of a small network."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from engine.__main__ import main
from engine.experiments.population.shards import PairShard
from engine.speed.growth import begin, makespan
from engine.speed.rows import Growth, as_line

tasks = st.lists(st.integers(1, 100), min_size=1, max_size=30)


@given(tasks, st.integers(1, 8))
def test_workers_take_turns_as_each_is_free(seconds, workers):
    """Second by second: whoever has nothing to do takes the next task."""
    waiting, busy, clock = list(seconds), [0] * workers, 0
    while waiting or any(busy):
        for k in range(workers):
            if not busy[k] and waiting:
                busy[k] = waiting.pop(0)
        busy = [max(0, left - 1) for left in busy]
        clock += 1
    assert makespan(seconds, workers) == clock


@given(tasks)
def test_no_number_of_workers_beats_the_longest_task_or_an_even_share(seconds):
    for workers in (1, 2, 5, 100):
        taken = makespan(seconds, workers)
        assert taken >= max(*seconds, 0, sum(seconds) / workers)
        assert taken <= sum(seconds) / workers + max(seconds)
    assert makespan(seconds, 1) == sum(seconds)
    assert makespan(seconds, 100) == max(seconds)


def test_at_best_it_is_as_good_as_any_deal():
    seconds = (5, 4, 3, 3, 2)
    best = min(
        max(sum(s for s, who in zip(seconds, deal, strict=True) if who == k) for k in range(2))
        for deal in product(range(2), repeat=len(seconds))
    )
    assert makespan(seconds, 2) >= best


def test_a_row_tells_each_size_beside_the_first():
    row = Growth("digits-vgg", "pairs joined at once", "a pair", (1, 16), (0.4, 0.1), "a note")
    head, one, many, note = as_line(row).splitlines()
    assert head == "digits-vgg: seconds a pair, by pairs joined at once"
    assert one.split() == ["1", "0.4", "s", "1.00x"]
    assert many.split() == ["16", "0.1", "s", "0.25x"]
    assert note.strip() == "a note"


def test_the_shell_measures_all_four(monkeypatch, capsys, tmp_path):
    """With workers of this process, for new ones take seconds to begin."""
    few = {"growth.POINTS": (10, 30), "growth.SIDES": (16, 32), "growth.CURVE": 10, "rows.MANY": 1}
    for name, value in few.items():
        monkeypatch.setattr(f"engine.speed.{name}", value)
    for room in ("speed.growth", "experiments.population.pair_statistics"):
        monkeypatch.setattr(f"engine.{room}.MOST", 1)
    monkeypatch.setattr("engine.experiments.population.pair_statistics.FEWEST", 1)
    monkeypatch.setattr("engine.speed.growth._pool", _here)
    file = tmp_path / "rows.json"
    words = "bench --growth --pairs 2 --network digits-vgg --dataset digits --json"
    monkeypatch.setattr("sys.argv", ["engine", *words.split(), str(file)])
    assert main() == 0
    rows = json.loads(file.read_text())
    told = {row["what"]: row for row in rows}
    assert list(told) == [
        "pairs joined at once",
        "points on a curve",
        "workers (measured)",
        "workers (simulated)",
        "pixels a side",
    ]
    assert all(min(row["seconds"]) > 0 for row in rows)
    simulated = told["workers (simulated)"]
    assert simulated["seconds"] == sorted(simulated["seconds"], reverse=True)
    assert "2,000 parts" in simulated["note"], "5,000 pairs of each branch, five a part"
    assert "foretold" in simulated["note"]
    assert "digits-vgg: seconds a pair" in capsys.readouterr().out


def _here(name: str, workers: int, small: list[PairShard]) -> ThreadPoolExecutor:
    begin(name, 1)
    return ThreadPoolExecutor(1)
