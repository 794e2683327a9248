"""A path verified in part is judged as if all of its grid had been measured."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from engine.classifiers import load_classifier
from engine.finders.chains import Chain, grid_losses, new_chain
from engine.finders.connecting import connect_many
from engine.finders.verifying import FINEST, FIRST, verify
from engine.speed.pairs import barrier_pairs
from tests.detectors.small import SHAPE, small_classifier

LIMIT = 0.05
STEPS = 200
"""Equal steps of the images' first value, from 0 to 1, that `Curve` has a loss for."""


class Curve(nn.Module):
    """The loss of class 0 is the given one, (STEPS + 1,), by the first value of an image."""

    def __init__(self, loss: np.ndarray) -> None:
        super().__init__()
        self.loss = torch.from_numpy(loss).double()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        place = ((x[:, 0, 0, 0].double() * 0.25 + 0.5) * STEPS).round().long()
        other = self.loss[place].expm1().log()
        return torch.stack([torch.zeros_like(other), other, other - 50], 1).float()


def path_of(loss: np.ndarray, points: int, segments: int = 1) -> tuple:
    """A classifier with that loss on a straight path, and the path, which looks low so far."""
    images = torch.linspace(0, 1, segments + 1)[:, None, None, None].expand(-1, *SHAPE).clone()
    ends = torch.from_numpy(loss[[0, -1]]).float()
    chain = new_chain(images, 0, ends, LIMIT, points)
    chain.promising = True
    return small_classifier(network=Curve(loss)), chain


def whole(classifier, chain: Chain, points: int) -> torch.Tensor:
    """Losses (S, N) of the whole grid."""
    targets = torch.full((chain.segments,), chain.target)
    return grid_losses(classifier, chain.nodes[:-1], chain.nodes[1:], targets, points)


def bumps(seed: int) -> np.ndarray:
    """A low loss with a few bumps on it, of any width from a few hundredths of the path on."""
    rng = np.random.default_rng(seed)
    t = np.linspace(0, 1, STEPS + 1)
    loss = np.full(STEPS + 1, 10.0 ** rng.uniform(-6, -3))
    for _ in range(rng.integers(1, 4)):
        height, width = LIMIT * rng.uniform(0.3, 1.3), rng.uniform(0.03, 0.2)
        loss += height * np.exp(-(np.abs((t - rng.uniform(0.1, 0.9)) / width) ** rng.uniform(1, 2)))
    return loss


@pytest.mark.parametrize("segments", [1, 2])
def test_bumps_are_found_as_by_the_whole_grid(segments):
    points = STEPS // segments
    parts, decided = [], 0
    for seed in range(150):
        classifier, chain = path_of(bumps(seed), points, segments)
        expected = whole(classifier, chain, points)
        verify(classifier, [chain])
        decided += chain.connected
        assert chain.height == pytest.approx(float(expected.flatten()[:-1].max()), rel=1e-5)
        if chain.verified_points == points:  # not looked at again on a finer grid
            assert chain.connected == (chain.height <= LIMIT)
            tops, places = expected[:, :-1].max(1)
            assert (chain.tops > LIMIT).tolist() == (tops > LIMIT).tolist()
            top = int(tops.argmax())
            assert float(chain.places[top]) == pytest.approx((int(places[top]) + 1) / points)
            parts.append(chain.checked_points / (points * segments))
    assert 30 < decided < 120
    assert np.mean(parts) < 0.5


def test_what_is_no_number_is_not_low():
    loss = np.full(STEPS + 1, 0.001)
    loss[100] = np.nan
    classifier, chain = path_of(loss, 100)
    verify(classifier, [chain])
    assert not chain.connected


def test_a_path_near_the_limit_is_measured_more_finely_to_the_end():
    classifier, chain = path_of(np.full(STEPS + 1, 0.97 * LIMIT), 50)
    chain.limit, chain.goal = LIMIT, 0.9 * LIMIT
    verify(classifier, [chain])
    assert chain.connected
    assert chain.verified_points >= FINEST


def test_a_grid_that_is_no_finer_is_measured_whole():
    classifier, chain = path_of(np.full(STEPS + 1, 0.001), FIRST - 3)
    verify(classifier, [chain])
    assert chain.connected
    assert chain.checked_points == FIRST - 2


@pytest.mark.parametrize("name", ["shapes-resnet", "shapes-vgg"])
def test_paths_of_a_network_are_as_high_as_on_the_whole_grid(name):
    classifier = load_classifier(name)
    found = connect_many(classifier, *barrier_pairs(classifier, "shapes", 12, height=0.3, seed=3))
    for one in found:
        nodes = one.path.nodes
        targets = torch.full((one.path.segments,), one.target)
        losses = grid_losses(classifier, nodes[:-1], nodes[1:], targets, one.verified_points)
        assert one.height == pytest.approx(float(losses.flatten()[:-1].max()), rel=1e-3)
        assert one.checked_points <= 0.45 * one.verified_points * one.path.segments
    assert sum(one.connected for one in found) >= 10
