"""Pairs of a population joined: what is said of each is what the search of that pair alone says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.classifiers import load_classifier
from engine.experiments.base import Findings
from engine.experiments.population.computing.pair_statistics import join
from engine.experiments.population.pair_statistics import PairStatistics
from engine.finders.connecting import connect
from engine.finders.settings import ConnectSettings
from engine.images import to_pixels
from engine.records import Store, run
from tests.experiments.golden import ATTACKS, DIGITS

SETTINGS = ConnectSettings(rounds=2, threshold=0.02)
PLAIN = PairStatistics(**DIGITS, pairs=6, points=20, attack=ATTACKS)
JOINED = replace(PLAIN, connect=SETTINGS)


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    return run(JOINED, store=Store(tmp_path_factory.mktemp("store"), shipped=None)).result


def test_each_pair_is_joined_as_it_is_alone(found):
    classifier, data = load_classifier("digits-resnet"), JOINED.seen_set()
    real = found.pairs[found.pairs["branch"] == "real"]
    for row in real.itertuples():
        a, c = to_pixels(data.batch([row.first, row.second]))
        alone = connect(classifier, a, c, int(row.target), SETTINGS, free=True)
        assert (row.rounds, row.joined) == (len(alone.rounds), alone.connected)
        assert row.left == pytest.approx(alone.height, rel=1e-3, abs=1e-6)
        if alone.rounds:
            change = alone.rounds[0].nodes[1].numpy() - (a + row_share(alone, a, c) * (c - a))
            assert row.moved == pytest.approx(np.sqrt(np.mean(change**2)), rel=1e-3)
            assert row.moved_most == pytest.approx(np.abs(change).max(), rel=1e-3)
            assert row.left_1 == pytest.approx(alone.rounds[0].height, rel=1e-3, abs=1e-6)
        else:
            assert np.isnan([row.moved, row.left_1, row.roughness]).all()


def row_share(alone, a, c):
    """Where B lies: the place on the line from which B′ is away at right angles."""
    along = (c - a).astype(np.float64)
    away = alone.rounds[0].nodes[1].numpy() - a
    return float((away * along).sum() / (along**2).sum())


def test_counts_of_rounds_are_those_of_the_table(found):
    for branch in ("real", "adversarial"):
        own = found.pairs[found.pairs["branch"] == branch]
        more, barred = found.taking(branch, 1)
        assert barred == (own["rounds"] > 0).sum()
        assert more == sum(
            row.rounds > 1 or not row.joined for row in own.itertuples() if row.rounds > 0
        )


def test_a_population_without_joining_keeps_its_key():
    assert "connect" not in PLAIN.relevant()
    assert "connect" in JOINED.relevant()
    assert PLAIN.key() != JOINED.key()
    searched = replace(PLAIN, connect=ConnectSettings(rounds=0, threshold=0.5))
    assert (searched, searched.key()) == (PLAIN, PLAIN.key())


def test_a_part_of_which_no_pair_is_kept_says_nothing_of_paths(tmp_path):
    """Correctly classified pictures are few in some classes: a part may have none."""
    shards, store = JOINED.shards(), Store(tmp_path, shipped=None)
    parts = [run(shard, store=store).findings for shard in shards]
    told = parts[0].tables["pairs"]
    paths = {name for name in told if name in {"rounds", "joined", "left", "moved"}}
    assert paths
    lost = {name: values for name, values in told.items() if name not in paths}
    pairs, _ = join(shards, [Findings(parts[0].arrays, {"pairs": lost}), *parts[1:]])
    count = len(told["target"])
    for name in paths:
        assert np.isnan(pairs[name][:count]).all()
        assert len(pairs[name]) == len(pairs["target"])
