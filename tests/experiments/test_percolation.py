"""The percolation record: every point recomputed from its lattices, theory beside it, same seed same bits."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import ParameterError
from engine.experiments.theory.computing.conjecture import grid_of, side_of
from engine.experiments.theory.conjecture import Percolation
from engine.lattice.mean_field import mean_field
from engine.lattice.sites import clusters, draw_levels
from engine.records import Store, run

SMALL = Percolation(highest=4, sites=400, lattices=4, points=12, samples=20, steps=500)


@pytest.fixture(scope="module")
def record(tmp_path_factory):
    return run(SMALL, store=Store(tmp_path_factory.mktemp("store"), shipped=None))


def test_a_point_is_the_mean_over_its_lattices(record):
    table = record.tables["order"]
    row = table[(table["dimension"] == 3) & (table["measure"] == "largest")].iloc[7]
    shares = []
    for k in range(SMALL.lattices):
        levels = draw_levels(3, side_of(SMALL.sites, 3), SMALL.seed, f"order 3 {k}")
        found = clusters(levels < row["p"], periodic=[1, 2])
        shares.append(found.sizes.max() / found.sizes.sum())
    assert row["share"] == pytest.approx(np.mean(shares), abs=1e-12)
    reach = 1.96 * np.std(shares, ddof=1) / SMALL.lattices**0.5
    assert row["high"] == pytest.approx(min(1, np.mean(shares) + reach), abs=1e-12)
    assert row["mean_field"] == pytest.approx(float(mean_field(row["p"], 3)))


def test_shares_are_ordered_as_they_must_be(record):
    table = record.tables["order"]
    assert ((table["low"] <= table["share"]) & (table["share"] <= table["high"])).all()
    assert table["share"].between(0, 1).all()
    whole = table[table["p"] == 1]
    assert (whole["share"] == 1).all()
    assert len(whole) == 2 * 3
    wide = table.pivot(index=["dimension", "p"], columns="measure", values="share")
    assert (wide["spanning"] <= wide["largest"] + 1e-12).all()
    low = wide.reset_index()
    assert (low[low["p"] < 0.1]["spanning"] == 0).all()


def test_thresholds_stand_beside_literature_and_theory(record):
    table = record.tables["thresholds"].set_index("dimension")
    assert list(table.index) == [2, 3, 4]
    assert table["literature"].tolist() == [0.592746, 0.311608, 0.196886]
    assert table["mean_field"].tolist() == pytest.approx([1 / 4, 1 / 6, 1 / 8])
    off = (table["estimate"] / table["literature"] - 1).abs()
    assert record.summary["worst_threshold"] == pytest.approx(off.max())
    assert off.max() < 0.1


def test_the_same_seed_gives_the_same_record(record, tmp_path):
    again = run(SMALL, store=Store(tmp_path, shipped=None))
    for name, table in record.tables.items():
        assert table.equals(again.tables[name])


def test_points_crowd_where_the_largest_cluster_appears():
    grid = grid_of(40, 7)
    assert (np.diff(grid) > 0).all()
    assert (grid <= 3 / 14).mean() >= 0.5
    assert grid[0] == 0
    assert grid[-1] == 1


def test_dimensions_in_the_wrong_order_are_refused():
    with pytest.raises(ParameterError, match="at most highest"):
        Percolation(lowest=5, highest=3)
