"""The conjecture's pairs: every path evaluated again in float64, on a finer grid, from scratch."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch

from engine.errors import ParameterError
from engine.experiments.theory.computing.joined_pairs import joined_on, trials
from engine.experiments.theory.computing.random_networks import random_network
from engine.experiments.theory.conjecture import Conjecture
from engine.finders.levels import LevelPath, _plans, join_levels, output
from engine.lattice.mean_field import mean_field
from engine.progress import SILENT
from engine.random import derive
from engine.records import Store, run
from engine.statistics import wilson

SMALL = Conjecture(
    largest=8, tolerances=(0.1, 0.3), networks=3, pairs=6, width=32, depth=2, grid=64, rounds=3
)


@pytest.fixture(scope="module")
def record(tmp_path_factory):
    return run(SMALL, store=Store(tmp_path_factory.mktemp("store"), shipped=None))


@pytest.fixture(scope="module")
def found():
    return list(trials(SMALL, "cpu", SILENT))


def function_of(dimension, number):
    seed = derive(SMALL.seed, f"mlp {dimension} {number}")
    return random_network("mlp", dimension, width=32, depth=2, activation="relu", seed=seed)


def exact(function, inputs):
    """f in float64."""
    network = function.network.double()
    with torch.no_grad():
        values = torch.sigmoid(network(inputs.double())[:, 0])
    network.float()
    return values


def test_every_joined_path_keeps_its_promise_on_a_finer_grid(found):
    t = torch.linspace(0, 1, 1777, dtype=torch.float64)[:, None, None, None]
    checked = 0
    for place, trial in enumerate(found):
        number = place % (SMALL.networks * len(SMALL.tolerances)) // len(SMALL.tolerances)
        function = function_of(trial.dimension, number)
        goal = 2 * trial.delta * trial.spread
        for path, joined in zip(trial.paths, trial.joined, strict=True):
            nodes = path.nodes.double()
            level, end = exact(function, nodes[[0, -1]])
            assert abs(level - end) < goal / 2 + 1e-6
            assert path.goal == pytest.approx(goal, rel=1e-5)
            if np.isfinite(joined):
                for a, b in pairwise(nodes):
                    off = (exact(function, a + t * (b - a)) - level).abs().max()
                    assert off < goal * (1 + 1e-3)
                assert len(nodes) - 1 <= 2**joined
                checked += joined > 0
    assert checked > 10, "there must be bent paths among them"


def test_straight_pairs_are_those_whose_line_is_low(found):
    t = torch.linspace(0, 1, 999, dtype=torch.float64)[:, None, None, None]
    function = function_of(found[0].dimension, 0)
    for path, joined in zip(found[0].paths, found[0].joined, strict=True):
        a, b = path.nodes[0].double(), path.nodes[-1].double()
        top = float((exact(function, a + t * (b - a)) - path.level).abs().max())
        if abs(top / path.goal - 1) > 0.01:
            assert (top < path.goal) == (joined == 0)


def test_bent_nodes_lie_in_the_hyperplane_of_their_segment(found):
    for trial in found:
        for path, joined in zip(trial.paths, trial.joined, strict=True):
            if joined == 1:
                a, b, c = path.nodes.flatten(1).double()
                along = (c - a) / (c - a).norm()
                place = float((b - a) @ along / (c - a).norm())
                grid = place * SMALL.points
                assert grid == pytest.approx(round(grid), abs=1e-3)


FIRST = replace(SMALL, smallest=2, largest=1024, rounds=1, steps=1, networks=1, tolerances=(0.05,))


def sides(trial):
    """How far each path's only bend lies from the straight line, and what `detour` says of it."""
    for path, detour in zip(trial.paths, trial.detour, strict=True):
        if len(path.nodes) == 3:
            a, b, c = path.nodes.flatten(1).double()
            along = (c - a) / (c - a).norm()
            off = float((b - a - (b - a) @ along * along).norm())
            yield off, detour * float((c - a).norm())


@pytest.mark.parametrize("length", [0.05, 0.2])
def test_the_first_step_has_the_length_asked_for_in_every_dimension(length):
    """Less what is lost in the hyperplane, one direction of many."""
    steps = {
        trial.dimension: [off for off, _ in sides(trial)]
        for trial in trials(replace(FIRST, step_length=length), "cpu", SILENT)
    }
    assert sorted(steps) == FIRST.dimensions
    for dimension, own in steps.items():
        assert own, "there must be bent paths in every dimension"
        assert max(own) <= length * (1 + 1e-3)
        if dimension >= 64:
            assert min(own) >= length * 0.85


def test_a_detour_is_how_far_a_joined_path_leaves_its_line(found):
    told = [pair for trial in found for pair in sides(trial) if np.isfinite(pair[1])]
    assert len(told) > 5
    assert np.allclose(*np.transpose(told), rtol=1e-3)
    for trial in found:
        assert np.array_equal(
            np.isnan(trial.detour), ~np.isfinite(trial.joined) | (trial.joined == 0)
        )


def test_the_share_of_inputs_near_a_level_is_that_of_inputs_drawn_anew(found):
    for place, trial in enumerate(found):
        number = place % (SMALL.networks * len(SMALL.tolerances)) // len(SMALL.tolerances)
        function = function_of(trial.dimension, number)
        dice = torch.Generator().manual_seed(7)
        fresh = exact(function, torch.randn(4000, 1, 1, trial.dimension, generator=dice))
        assert float(fresh.std()) == pytest.approx(trial.spread, rel=0.1)
        for path, occupied in zip(trial.paths, trial.occupied, strict=True):
            share = float(((fresh - path.level).abs() < path.goal).double().mean())
            assert occupied == pytest.approx(share, abs=5 * np.sqrt(0.25 / 2000 + 0.25 / 4000))


def test_networks_and_inputs_hang_on_the_seed_and_no_two_are_alike():
    """With a tolerance that all pairs meet, they are the first that are drawn."""
    spec = replace(SMALL, smallest=8, tolerances=(10,), rounds=0, steps=1)
    some = [
        trial for seed in (0, 1, 0) for trial in trials(replace(spec, seed=seed), "cpu", SILENT)
    ]
    starts = [tuple(path.nodes[0].flatten().tolist()) for trial in some for path in trial.paths]
    own = SMALL.networks * SMALL.pairs
    assert starts[:own] == starts[2 * own :]
    assert len(set(starts)) == 2 * own
    assert len({trial.spread for trial in some}) == 2 * SMALL.networks


def test_a_node_that_is_too_high_is_searched_anew_in_place_of_both_its_segments():
    nodes = torch.arange(4.0).reshape(4, 1, 1, 1).expand(4, 1, 1, 2)
    tops, places, knots = map(torch.tensor, ([2.0, 2.0, 3.0], [1.0, 0.1, 0.25], [2.0, 0.2]))
    plans = _plans(LevelPath(nodes, 0.0, 1.0, tops=tops, places=places, knots=knots))
    assert [(plan.left, plan.right) for plan in plans] == [(0, 2), (2, 3)]
    assert torch.equal(plans[0].first, nodes[1])
    assert plans[1].first.flatten().tolist() == [2.25, 2.25]


def test_fractions_are_the_counts_and_grow_with_rounds_and_tolerance(record, found):
    table = record.tables["fractions"]
    for row in table.itertuples():
        own = [t for t in found if (t.dimension, t.delta) == (row.dimension, row.delta)]
        joined = np.concatenate([t.joined for t in own])
        assert row.pairs == len(joined) == SMALL.networks * SMALL.pairs
        assert row.fraction == pytest.approx((joined <= row.round).mean())
        assert (row.low, row.high) == pytest.approx(
            wilson(int((joined <= row.round).sum()), row.pairs)
        )
    for _, group in table.groupby(["dimension", "delta"]):
        assert group.sort_values("round")["fraction"].is_monotonic_increasing


def test_a_line_that_is_low_for_one_tolerance_is_low_for_larger_ones():
    function = function_of(8, 0)
    inputs = torch.randn(2, 40, 1, 1, 8, generator=torch.Generator().manual_seed(1))
    counts = []
    for goal in (0.01, 0.03, 0.1, 0.3, 1.0):
        goals = torch.full((40,), goal)
        paths = join_levels(
            function, *inputs, goals, rounds=0, steps=1, learning_rate=0.1, points=32
        )
        counts.append(sum(path.joined == 0 for path in paths))
    assert counts == sorted(counts)
    assert counts[0] < counts[-1] == 40


def test_theory_is_mean_field_at_the_measured_occupation(record, found):
    row = record.tables["dimensions"].iloc[-1]
    own = [t for t in found if (t.dimension, t.delta) == (row["dimension"], row["delta"])]
    occupied = np.concatenate([t.occupied for t in own])
    assert row["occupied"] == pytest.approx(occupied.mean())
    assert row["theory"] == pytest.approx((mean_field(occupied, int(row["dimension"])) ** 2).mean())


def test_wilson_is_the_textbook_interval():
    n, k, z = 40, 37, 1.959964
    p = k / n
    centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    assert wilson(k, n) == pytest.approx((centre - half, centre + half), abs=1e-6)
    assert wilson(0, 0) == (0, 1)


def test_the_map_joins_what_a_corridor_joins_and_nothing_else():
    grid = np.ones((10, 10))
    grid[2, 1:9] = grid[2:8, 8] = 0
    ends = torch.tensor([[-3.5, -2.5], [3.5, 2.5]]).reshape(2, 1, 1, 2)
    assert joined_on(grid, LevelPath(ends, 0.0, 0.5))
    grid[5, 8] = 1
    assert not joined_on(grid, LevelPath(ends, 0.0, 0.5))


def test_the_recorded_map_is_the_function(record):
    function, values = function_of(2, 0), record.arrays["map_values"]
    reach = float(record.arrays["map_reach"])
    cell = 2 * reach / len(values)
    x, y = -reach + cell * (10 + 0.5), -reach + cell * (50 + 0.5)
    expected = output(function, torch.tensor([x, y]).reshape(1, 1, 1, 2))
    assert values[50, 10] == pytest.approx(float(expected), abs=1e-6)
    pairs = record.tables["map_pairs"]
    for row in pairs.itertuples():
        nodes = record.arrays[f"map_nodes_{row.pair}"]
        assert nodes.shape[1] == 2
        start = torch.from_numpy(nodes[:1]).reshape(1, 1, 1, 2)
        assert row.level == pytest.approx(float(output(function, start)), abs=1e-6)


def test_the_same_seed_gives_the_same_record(record, tmp_path):
    again = run(SMALL, store=Store(tmp_path, shipped=None))
    for name, table in record.tables.items():
        assert table.equals(again.tables[name])
    assert np.array_equal(record.arrays["map_values"], again.arrays["map_values"])


def test_cnns_take_square_inputs():
    spec = Conjecture(network="cnn", largest=16, tolerances=(0.5,), networks=1, pairs=3, rounds=1)
    assert spec.dimensions == [4, 16]
    assert [len(trial.joined) for trial in trials(spec, "cpu", SILENT)] == [3, 3]


def test_a_tolerance_that_no_pair_meets_gives_an_empty_answer(tmp_path):
    spec = Conjecture(largest=2, tolerances=(1e-12,), networks=1, pairs=1, width=4, grid=0)
    record = run(spec, store=Store(tmp_path, shipped=None))
    assert record.summary["pairs"] == 0
    assert record.summary["joined"] is None


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (
            {"tolerances": (0.1, "much")},
            r"tolerances\[1\]: expected a number, 1e-12 to 10, got 'much'",
        ),
        ({"tolerances": (0,)}, "1e-12 to 10, got 0"),
        ({"smallest": 5, "largest": 7}, "No power of two"),
        ({"network": "cnn"}, "at most 1024"),
    ],
)
def test_what_cannot_be_tried_is_refused(wrong, words):
    with pytest.raises(ParameterError, match=words):
        Conjecture(**wrong)
