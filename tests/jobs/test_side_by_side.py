"""Jobs that compute in one process do not disturb each other. `tests/jobs/stress.py` has the long version."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from engine.experiments.images.survey import Survey
from engine.experiments.untrained.untrained import Untrained
from engine.records import Store
from tests.experiments.golden import DIGITS, EVOLUTION
from tests.jobs import stress

SHORT = (
    Survey(**DIGITS, limit=20),
    Survey(classifier="digits-vgg", dataset="digits", limit=20),
    Untrained(network="digits-resnet", threshold=2.25, iterations=4, rounds=0, points=50),
    replace(EVOLUTION, images=32, batches=1, epochs=1, steps=2, points=3).parts[0],
)
"""Loading and folding, passes, random weights, optimising, training."""


def test_they_find_what_they_find_alone(tmp_path: Path) -> None:
    alone = {spec: stress.found_by(spec, Store(tmp_path / "alone", shipped=None)) for spec in SHORT}
    before = stress.process_state()
    together = stress.Stress()
    together.run(stress.shuffled(SHORT, lists=2, seed=0))
    assert together.errors == []
    assert len(together.found) == 2 * len(SHORT)
    for spec, found in together.found:
        assert stress.differing(found, alone[spec]) == []
    changed = {name for name, told in stress.process_state().items() if told != before[name]}
    assert not changed


@pytest.mark.skipif("ISTHMUS_SLOW" not in os.environ, reason="some minutes: set ISTHMUS_SLOW")
def test_every_kind_beside_every_other() -> None:
    assert stress.main() == 0
