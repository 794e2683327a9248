"""The map: what the browser is sent lets it make every picture, and the loss beside it is that picture's."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from engine.experiments.pair.results import AdversarialResult, PairResult
from engine.experiments.synthesis.results import ModesResult
from engine.images import to_pixels
from engine.records import Record
from pages.real_real import result
from pages.shared import living_map
from pages.shared.living_map import hull_table, plane_table
from pages.shared.living_map.ground import Ground, hull_ground
from pages.shared.living_map.scene import (
    PLACES,
    attack_scene,
    blend_at,
    hull_scene,
    path_scene,
    unpacked,
)
from tests.pages.every_figure import pair as shipped_pair
from tests.pages.every_figure import shipped


def places_of(header: dict[str, Any]) -> np.ndarray:
    """All places (rows * columns, 3) of a map's grid, as affine maps take them."""
    columns, rows = header["map"]["size"]
    j, i = np.divmod(np.arange(rows * columns), columns)
    return np.stack([i, j, np.ones_like(i)], axis=1)


def test_a_point_of_a_plane_is_the_picture_whose_loss_stands_there() -> None:
    found = shipped_pair()
    scene = path_scene(found, found.arrays)
    header, arrays = unpacked(scene)
    assert np.array_equal(arrays["mapLoss"], found.arrays["plane_loss"].ravel())
    nodes = found.final.nodes.astype(np.float64)
    bend = nodes[header["map"]["corners"][1]]
    across = (nodes[-1] - nodes[0]) / np.linalg.norm(nodes[-1] - nodes[0])
    aside = bend - nodes[0] - ((bend - nodes[0]) * across).sum() * across
    up = aside / np.linalg.norm(aside)
    for i, j in ((0, 0), (40, 3), (17, 40)):
        x, y = found.arrays["plane_x"][i], found.arrays["plane_y"][j]
        expected = nodes[0] + x * across + y * up
        assert np.allclose(blend_at(scene, (i, j)), expected, atol=2e-5)


def test_the_place_on_the_map_is_the_place_on_the_curve() -> None:
    found = shipped_pair()
    header, arrays = unpacked(path_scene(found, found.arrays))
    route = header["map"]["routes"][-1]
    assert route["name"] == "bypass"
    on_map = np.c_[route["at"], np.ones(len(route["at"]))] @ header["map"]["place"]
    assert np.allclose(on_map, header["stations"], atol=1e-4)
    assert len(arrays["bypassLoss"]) == len(PLACES)
    assert arrays["straightLoss"].max() == pytest.approx(found.straight.loss.max(), rel=1e-2)


def test_nothing_of_a_picture_is_lost_on_the_way(pair: PairResult) -> None:
    exact = to_pixels(np.random.default_rng(0).integers(0, 256, (2, 6, 5, 3), np.uint8))
    pair.arrays["nodes_0"][:] = exact
    pair.arrays["nodes_1"][[0, -1]] = exact
    header, arrays = unpacked(path_scene(pair, {}))
    assert [arrays[f"node{k}"].dtype.itemsize for k in range(3)] == [1, 4, 1]
    for k, node in enumerate(pair.arrays["nodes_1"]):
        sent = arrays[f"node{k}"].reshape(header["shape"])
        pixels = sent if sent.dtype == np.float32 else to_pixels(sent[None])[0].transpose(1, 2, 0)
        assert np.array_equal(pixels.transpose(2, 0, 1), node)
    assert header["names"] == ["disc", "ring"]
    assert "map" not in header


def test_a_record_without_pictures_still_has_its_map() -> None:
    kept = (record for record in map(shipped, ["real-adversarial"] * 2, ["nodes_2", "plane_loss"]))
    with_pictures, other = kept
    for record in (with_pictures, other):
        found = record.found(AdversarialResult)
        for scene in (path_scene(found, found.arrays), attack_scene(found)):
            header, arrays = unpacked(scene)
            assert bool(header["shape"]) == found.pictured == ("node0" in arrays)
            assert np.isfinite(arrays["mapLoss"]).all()


def test_every_blend_of_a_hull_stands_at_its_shares() -> None:
    found = shipped("modes", "hull_loss").found(ModesResult)
    header, arrays = unpacked(hull_scene(found, 3))
    places = places_of(header)
    there = np.isfinite(arrays["mapLoss"])
    shares = (places @ np.array(header["map"]["shares"]).T)[there]
    weights, losses = found.arrays["hull_weights"], found.arrays["hull_loss"][3]
    for share, loss in zip(shares, arrays["mapLoss"][there], strict=True):
        row = np.abs(weights - share).sum(axis=1).argmin()
        assert np.allclose(weights[row], share, atol=1e-6)
        assert losses[row] == loss
    assert there.sum() == len(weights)
    assert arrays["mapLoss"][there].max() == losses.max()


def test_the_corners_of_a_hull_make_an_even_triangle_on_the_screen() -> None:
    weights = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1]], float)
    ground = hull_ground(weights, np.zeros(3), np.zeros(3))
    spots = (np.array([[0, 0, 1], [1, 0, 1], [0, 1, 1]]) @ ground.screen.T) * [ground.aspect, 1]
    sides = np.linalg.norm(spots - np.roll(spots, 1, axis=0), axis=1)
    assert np.allclose(sides, sides[0])


def test_a_class_is_named_deep_inside_its_region() -> None:
    seen = np.zeros((20, 30), int)
    seen[4:15, 3:10] = 1
    seen[0, -1] = 2  # too small for a name
    plain = np.eye(3)
    middles = Ground(np.zeros(seen.shape), seen, plain, plain[:2], 1).middles()
    assert middles.keys() == {0, 1}
    for number, (i, j) in middles.items():
        assert seen[j, i] == number
    i, j = middles[1]
    assert 5 <= i <= 7
    assert 8 <= j <= 10


def test_the_numbers_of_a_map_are_a_table() -> None:
    found = shipped_pair()
    table = plane_table(found)
    assert len(table) == found.arrays["plane_loss"].size
    assert table["loss"].max() == found.arrays["plane_loss"].max()
    modes = shipped("modes", "hull_loss").found(ModesResult)
    shares = hull_table(modes, 0)
    assert np.allclose(shares.filter(like="share of mode").sum(axis=1), 1, atol=1e-3)


@pytest.mark.parametrize("asked", [[3.5, 4], ["x", 1], [float("nan"), 1]])
def test_a_picture_goes_from_the_map_to_the_detector(
    app: Callable[..., AppTest], connected: Record, monkeypatch: pytest.MonkeyPatch, asked: Any
) -> None:
    taken: list[tuple[Any, str]] = []
    monkeypatch.setattr(living_map, "_MAP", lambda **_: SimpleNamespace(asked=asked))
    monkeypatch.setattr(result, "ask", lambda *given: taken.append(given))
    test = app("pages/real_real/page.py", run=connected.key)
    assert not test.exception
    ((pictures, classifier),) = taken
    assert classifier == "digits-resnet"
    if asked == [3.5, 4]:
        found = connected.found(PairResult)
        expected = blend_at(path_scene(found, found.arrays), asked)
        assert [np.array_equal(one, expected) for one in pictures.values()] == [True]
    else:
        assert pictures is None
