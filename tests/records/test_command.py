"""The line of shell: it gives the same spec, and says no more than it must."""

from __future__ import annotations

import subprocess

import pytest
import tyro

from engine.experiments.base import Findings
from engine.records import Record, Store
from engine.records.running import environment_of
from tests.toys import Inner, Toy


def words_of(record: Record) -> list[str]:
    shown = subprocess.run(
        ["/bin/sh", "-c", f"printf '%s\\n' {record.command.removeprefix('python')}"],
        capture_output=True,
        text=True,
        check=True,
    )
    return shown.stdout.splitlines()


@pytest.mark.parametrize(
    "spec",
    [
        Toy(),
        Toy(size=3, shift=-1e-7),
        Toy(text="it's; rm -rf $HOME"),
        Toy(text=""),
        Toy(text="--size"),
        Toy(seed=9, inner=Inner(rounds=2, clamp=True, smooth=False)),
    ],
)
def test_the_command_gives_the_same_spec(store: Store, spec: Toy) -> None:
    words = words_of(store.save(spec, Findings(), environment_of(spec, "cpu", 0)))
    assert words[:4] == ["-m", "engine", "run", "toy"]
    assert tyro.cli(Toy, args=words[4:]) == spec


def test_the_command_names_only_what_differs(store: Store) -> None:
    spec = Toy(seed=3, inner=Inner(rounds=2))
    record = store.save(spec, Findings(), environment_of(spec, "cpu", 0))
    assert record.command == "python -m engine run toy --seed 3 --inner.rounds 2"
    assert record.words.endswith("UTC --seed 3 --inner.rounds 2")
