"""The shipped records hold the numbers that this engine computes: the quick ones whole, of others a part."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.gallery import (
    ADVERSARIAL,
    DETECTION,
    EXAMPLES,
    FIRST,
    FIRST_ADVERSARIAL,
    POPULATIONS,
    SHAPES_MODES,
    SURVEYS,
    SYNTHETIC,
    VERDICT,
)
from engine.progress import SILENT
from engine.records import Store, run
from engine.records.running import _Context
from tests.experiments.golden import numbers_of

QUICK = (
    *SURVEYS,
    FIRST,
    *EXAMPLES,
    FIRST_ADVERSARIAL,
    *ADVERSARIAL,
    SYNTHETIC[0],
    SHAPES_MODES[0],
    DETECTION.known(),
)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """A store that knows nothing yet."""
    return Store(tmp_path_factory.mktemp("fresh"), shipped=None)


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    return Store(tmp_path_factory.mktemp("shipped"))


@pytest.mark.parametrize("spec", QUICK, ids=lambda spec: spec.canonical()[:60])
def test_quick_records_are_computed_again(spec, fresh, shipped):
    compare(run(spec, store=fresh).findings, shipped.find(spec.key()).findings)


def test_the_verdict_is_computed_again_by_the_shipped_detectors(shipped):
    found = VERDICT.compute(_Context(shipped, SILENT, "", None))
    compare(found, shipped.find(VERDICT.key()).findings)


def compare(one, other):
    found, promised = numbers_of(one), numbers_of(other)
    moved = {
        name: (promised.get(name), found.get(name))
        for name in {*found, *promised}
        if found.get(name) != pytest.approx(promised.get(name), rel=0.01, abs=2e-3)
    }
    assert not moved


@pytest.mark.parametrize("spec", POPULATIONS, ids=lambda spec: spec.kind)
def test_a_part_of_a_population_is_computed_again(spec, fresh, shipped):
    """The gaps of the first pairs of each branch, and for each attack that is made in a moment."""
    told = shipped.find(spec.key()).tables["pairs"]
    column = "branch" if "branch" in told else "group"
    names = {"pair-statistics": ("real", "adversarial"), "attack-populations": ("fgsm", "bim")}
    for name in names[spec.kind]:
        population = spec if spec.kind == "pair-statistics" else spec.populations()[name]
        branch = "real" if name == "real" else "adversarial"
        part = next(part for part in population.shards() if part.branch == branch)
        rows = run(replace(part, blocks=1), store=fresh).tables["pairs"]
        gaps = rows.loc[rows["outcome"] == "kept", "gap"].to_numpy()
        promised = told.loc[told[column] == name, "gap"].to_numpy()
        assert len(gaps) >= 5
        np.testing.assert_allclose(gaps, promised[: len(gaps)], rtol=0.01, atol=2e-3)
