"""Numbering the same classes in two ways."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.classifiers import align

names = st.lists(st.text("abcdefgh", min_size=1, max_size=3), unique=True, max_size=12)


@given(classes=names, seed=st.integers(0, 99))
def test_a_permutation_is_undone(classes: list[str], seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(classes))
    mixed = [classes[i].upper() for i in order]
    assert align(classes, mixed)[:-1].tolist() == np.argsort(order).tolist()


@given(ours=names, theirs=names)
def test_labels_exist_and_an_unknown_label_stays_unknown(
    ours: list[str], theirs: list[str]
) -> None:
    labels = align(ours, theirs)
    assert labels.dtype == np.int64
    assert labels.shape == (len(ours) + 1,)
    assert labels[-1] == -1
    assert labels.max(initial=-1) < len(theirs)


def test_the_ten_classes_are_found_among_a_thousand() -> None:
    from engine.classifiers.listings import class_names

    labels = align(class_names("imagenette"), class_names("imagenet"))
    assert labels.tolist() == [0, 217, 482, 491, 497, 566, 569, 571, 574, 701, -1]


def test_equally_many_strangers_keep_their_order() -> None:
    assert align(["a", "b"], ["0", "1"]).tolist() == [0, 1, -1]
    assert align(["a", "b", "c"], ["0", "1"]).tolist() == [-1, -1, -1, -1]


def test_two_classes_of_one_name_stay_apart_where_the_lists_are_equal() -> None:
    assert align(["crane", "ox", "crane"], ["Crane", "ox", "crane"]).tolist() == [0, 1, 2, -1]
    assert align(["crane"], ["ox", "crane", "crane"]).tolist() == [1, -1]
