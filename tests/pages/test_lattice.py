"""The percolation that runs in the browser has the clusters that SciPy finds, and fills as the engine's."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.lattice.sites import clusters
from engine.lattice.thresholds import spanning_level
from pages.untrained import lattice

CODE = Path(lattice.__file__).with_name("lattice.js")
ASK = """
import { clusters, course, field } from %s
const found = []
for (const [side, seed] of [[32, 0], [32, 1], [64, 7]]) {
  const levels = field(side, seed), way = course(levels, side)
  const grids = [0, 0.2, 0.5, 0.58, 0.6, 0.7, 1].map(p => {
    const { root, size, occupied, largest, spanning } = clusters(levels, side, p)
    return { p, root: [...root], size: [...size], occupied, largest, spanning }
  })
  found.push({ side, levels: [...levels], grids, largest: [...way.largest], spanning: way.spanning })
}
console.log(JSON.stringify(found))
"""


def node() -> str:
    """Node.js: the machine's own, or the one that Playwright brings."""
    if own := shutil.which("node"):
        return own
    driver = pytest.importorskip("playwright._impl._driver", reason="There is no Node.js here.")
    return str(driver.compute_driver_executable()[0])


@pytest.fixture(scope="module")
def fields(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("lattice")
    (folder / "lattice.mjs").write_text(CODE.read_text())
    (folder / "ask.mjs").write_text(ASK % json.dumps("./lattice.mjs"))
    told = subprocess.run([node(), folder / "ask.mjs"], capture_output=True, check=True)
    found: list[dict[str, Any]] = json.loads(told.stdout)
    return found


def test_the_clusters_are_those_that_scipy_finds(fields: list[dict[str, Any]]) -> None:
    for field in fields:
        side = field["side"]
        levels = np.array(field["levels"]).reshape(side, side)
        for grid in field["grids"]:
            true = clusters(levels < grid["p"])
            roots = np.array(grid["root"])
            assert grid["occupied"] == true.occupied
            assert np.array_equal(roots >= 0, true.labels.ravel() > 0)
            # The same sites hold together: each root goes with one label, and each label with one root.
            pairs = np.unique(np.stack([roots, true.labels.ravel()]), axis=1)
            assert len(np.unique(pairs[0])) == len(np.unique(pairs[1])) == pairs.shape[1]
            sizes = np.array(grid["size"])
            largest = sizes[grid["largest"]] if grid["largest"] >= 0 else 0
            assert largest == true.sizes.max()
            assert (grid["spanning"] >= 0) == (true.spanning > 0)
            if true.spanning:
                assert sizes[grid["spanning"]] == true.sizes[true.spanning]


def test_the_curve_and_the_level_that_spans_are_the_engines(fields: list[dict[str, Any]]) -> None:
    for field in fields:
        levels = np.array(field["levels"]).reshape(field["side"], field["side"])
        assert field["spanning"] == spanning_level(levels)
        order = np.sort(levels, axis=None)
        for number in (0, 200, 500, len(order) - 1):
            assert field["largest"][number] == clusters(levels <= order[number]).sizes.max()


def test_the_field_is_uniform_and_depends_on_the_seed(fields: list[dict[str, Any]]) -> None:
    first, second, third = (np.array(field["levels"]) for field in fields)
    assert not np.array_equal(first, second)
    for levels in (first, second, third):
        assert 0 <= levels.min() < levels.max() < 1
        counts, _ = np.histogram(levels, 8, (0, 1))
        spread = np.sqrt(len(levels) * 7 / 64)
        assert np.abs(counts - len(levels) / 8).max() < 5 * spread
    neighbours = np.corrcoef(third[:-1], third[1:])[0, 1]
    assert abs(neighbours) < 5 / np.sqrt(len(third))
