"""Shapes: the same everywhere, balanced, contrasting, inside the frame, alike at any resolution."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from engine.datasets import load_dataset
from engine.datasets.shapes import Canvas, colours_of, cover_of, scenes_at
from engine.errors import ParameterError

REPOSITORY = Path(__file__).resolve().parents[2]
FIRST_TWENTY = "0c1cb435337cfb37adac8dee83490c8c7f517684c30134201998919dff3d04e6"
DRAW_TWENTY = "from engine.datasets import load_dataset as l; print(l('shapes').digest(range(20)))"


def test_the_sizes_are_those_that_were_promised() -> None:
    train, test = load_dataset("shapes", "train"), load_dataset("shapes", "test")
    assert (len(train), len(test)) == (10_000, 2_000)
    assert train.shape == test.shape == (32, 32, 3)
    assert len(train.classes) == 10


def test_the_first_images_are_the_same_on_every_machine() -> None:
    """A change here is a change of the data set: raise DRAWING and train the networks again."""
    assert load_dataset("shapes").digest(range(20)) == FIRST_TWENTY


def test_no_pixel_depends_on_the_processor() -> None:
    """numpy without its vector instructions draws the same images to the bit."""
    features = np._core._multiarray_umath.__cpu_dispatch__
    plain = {**os.environ, "NPY_DISABLE_CPU_FEATURES": " ".join(features)}
    command = [sys.executable, "-W", "ignore", "-c", DRAW_TWENTY]
    found = subprocess.run(
        command, env=plain, cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == FIRST_TWENTY


def test_every_ten_images_hold_each_class_once() -> None:
    labels = load_dataset("shapes", "train").labels.reshape(-1, 10)
    assert (np.sort(labels, axis=1) == np.arange(10)).all()
    assert len(np.unique(labels, axis=0)) > 900


def test_an_image_does_not_depend_on_what_else_is_asked_for() -> None:
    whole = load_dataset("shapes").batch(np.arange(300))
    few = load_dataset("shapes").batch([299, 7, 7, 120])
    np.testing.assert_array_equal(few, whole[[299, 7, 7, 120]])


def test_the_splits_share_no_image() -> None:
    images = [load_dataset("shapes", split).batch(np.arange(500)) for split in ("train", "test")]
    both = np.concatenate(images).reshape(1000, -1)
    assert len(np.unique(both, axis=0)) == 1000


@pytest.mark.parametrize("split", ["train", "test"])
def test_figure_and_ground_are_told_apart_by_colour(split: str) -> None:
    scenes = scenes_at(0, split, np.arange(2000))
    colours = colours_of(scenes)
    for ground in ("ground", "second_ground"):
        distance = np.linalg.norm(colours["figure"] - colours[ground], axis=1)
        assert distance.min() >= 0.499
    # Colours vary: no channel of any role stays on one side.
    for colour in colours.values():
        assert (colour.min(axis=0) < 0.2).all()
        assert (colour.max(axis=0) > 0.8).all()


def test_the_figure_is_seen_whole() -> None:
    labels = load_dataset("shapes").labels[:500]
    scenes = scenes_at(0, "test", np.arange(500))
    cover = cover_of(scenes, labels, Canvas.of(scenes["blotches"], scenes["grain"], 64))
    assert cover.min() == 0
    assert cover.max() == 1
    assert cover[:, [0, -1]].mean() < 0.01
    assert cover[:, :, [0, -1]].mean() < 0.01
    assert 0.02 < cover.mean(axis=(1, 2)).min() < cover.mean(axis=(1, 2)).max() < 0.5


def test_edges_are_smooth() -> None:
    labels = load_dataset("shapes").labels[:200]
    scenes = scenes_at(0, "test", np.arange(200))
    cover = cover_of(scenes, labels, Canvas.of(scenes["blotches"], scenes["grain"], 32))
    between = ((cover > 0.05) & (cover < 0.95)).sum(axis=(1, 2))
    assert (between >= 8).all()


def test_another_resolution_shows_the_same_scene() -> None:
    small, large = load_dataset("shapes"), load_dataset("shapes@128")
    assert large.shape == (128, 128, 3)
    assert large.classes == small.classes
    np.testing.assert_array_equal(large.labels, small.labels)
    shrunk = large.batch(range(60)).reshape(60, 32, 4, 32, 4, 3).mean(axis=(2, 4))
    difference = np.abs(shrunk - small.batch(range(60))).mean(axis=(1, 2, 3))
    assert difference.max() < 6


def test_a_square_size_is_drawn_and_not_resized() -> None:
    np.testing.assert_array_equal(
        load_dataset("shapes", size=(48, 48)).batch([3]), load_dataset("shapes@48").batch([3])
    )
    assert load_dataset("shapes", size=(24, 48), channels=1).batch([3]).shape == (1, 24, 48, 1)


def test_ten_thousand_images_are_a_matter_of_seconds() -> None:
    """Of computing, so a busy machine does not matter: a thousand usually take a tenth of a second."""
    start = time.process_time()
    load_dataset("shapes", "train").batch(np.arange(1000))
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    "name", ["shapes@", "shapes@big", "shapes@0", "shapes@-3", "shapes@513", f"shapes@{'9' * 5000}"]
)
def test_a_resolution_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(ParameterError, match="pixels"):
        load_dataset(name)
