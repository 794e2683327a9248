"""Digits: every image once, in a fixed stratified split, over the full range of bytes."""

from __future__ import annotations

import numpy as np
from sklearn.datasets import load_digits

from engine.datasets import load_dataset


def test_the_two_splits_are_the_whole_set_once() -> None:
    train, test = load_dataset("digits", "train"), load_dataset("digits", "test")
    assert train.shape == test.shape == (8, 8, 1)
    original = np.rint(load_digits().data * 255 / 16).astype(np.uint8)
    found = np.concatenate([train.images, test.images]).reshape(-1, 64)
    np.testing.assert_array_equal(np.unique(found, axis=0), np.unique(original, axis=0))
    assert len(found) == len(original) == 1797


def test_labels_belong_to_their_images() -> None:
    known = {
        np.rint(row * 255 / 16).astype(np.uint8).tobytes(): label
        for row, label in zip(*load_digits(return_X_y=True), strict=True)
    }
    for split in ("train", "test"):
        data = load_dataset("digits", split)
        assert [known[image.tobytes()] for image in data.images] == data.labels.tolist()


def test_every_class_is_split_alike() -> None:
    train, test = (np.bincount(load_dataset("digits", s).labels) for s in ("train", "test"))
    np.testing.assert_allclose(test / (train + test), 0.2, atol=0.004)


def test_digits_for_a_colour_network() -> None:
    images = load_dataset("digits", size=(32, 32), channels=3).batch([0, 5])
    assert images.shape == (2, 32, 32, 3)
    assert (images == images[..., :1]).all()
