"""Numbers that move, move with a revision: or a stored record would be taken for today's."""

from __future__ import annotations

import json

import pytest
import torch

from engine.experiments import spec_class
from engine.records import Store, run
from tests.experiments.golden import FILE, SPECS, numbers_of
from tests.kinds import KINDS

GOLDEN = json.loads(FILE.read_text())


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return Store(tmp_path_factory.mktemp("store"), shipped=None)


def test_every_kind_has_a_golden_run_and_a_revision_of_its_own():
    assert sorted(spec.kind for spec in SPECS) == sorted(KINDS) == sorted(GOLDEN)
    for kind in KINDS:
        assert vars(spec_class(kind))["revision"] >= 1, "each kind is revised by itself"


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.kind)
def test_numbers_move_only_with_a_revision(spec, store):
    golden = GOLDEN[spec.kind]
    assert spec.revision == golden["revision"], "run `python -m tests.experiments.golden`"
    common = torch.get_rng_state()
    found = numbers_of(run(spec, store=store).findings)
    assert torch.equal(torch.get_rng_state(), common), "it draws from all threads' generator"
    moved = {
        name: (golden["numbers"].get(name), found.get(name))
        for name in {*found, *golden["numbers"]}
        if found.get(name) != pytest.approx(golden["numbers"].get(name), rel=0.01, abs=2e-3)
    }
    assert not moved, f"raise the revision of {spec.kind}, and of what is made of it"
