"""Pairs are drawn as the paper says, whatever the labels: unique, of the right classes, in blocks."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.errors import DataError
from engine.experiments.population.drawing import SPARE, TAKEN, population

BRANCHES = ("real", "adversarial")


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.integers(-1, 4), min_size=4, max_size=60),
    st.integers(1, 40),
    st.sampled_from(BRANCHES),
    st.integers(0, 3),
)
def test_every_pair_is_unique_and_of_the_right_classes(labels, pairs, branch, seed):
    labels = np.array(labels)
    try:
        found = population(labels, 5, pairs, branch, seed)
    except DataError:
        assume(False)
    rows = [tuple(row) for block in found.blocks for row in block.rows]
    keys = [tuple(sorted(row)) for row in rows] if branch == "real" else rows
    assert len(set(keys)) == len(keys)
    assert sum(block.keep for block in found.blocks) == pairs
    for block in found.blocks:
        assert 1 <= block.keep <= TAKEN
        assert block.keep <= len(block.rows) <= TAKEN + SPARE
        assert (labels[block.rows[:, 0]] == block.label).all()
        others = labels[block.rows[:, 1]]
        assert (others >= 0).all()
        assert ((others == block.label) == (branch == "real")).all()
        assert (block.rows[:, 0] != block.rows[:, 1]).all()


def test_the_paper_s_population_is_a_block_of_seven_for_each_class():
    labels = np.repeat(np.arange(1000), 50)
    found = population(labels, 1000, 5000, "adversarial", 0)
    assert Counter(block.label for block in found.blocks) == dict.fromkeys(range(1000), 1)
    assert {(len(block.rows), block.keep) for block in found.blocks} == {(7, 5)}
    assert found.drawn == 7000


def test_few_pairs_come_from_classes_at_random():
    labels = np.repeat(np.arange(100), 10)
    one, two = (
        {block.label for block in population(labels, 100, 50, "real", seed).blocks}
        for seed in (0, 1)
    )
    assert len(one) == len(two) == 10
    assert one != two
    assert one != set(range(10))


def test_the_same_seed_draws_the_same_pairs_and_another_others():
    labels = np.repeat(np.arange(4), 30)
    first, again, other = (population(labels, 4, 60, "real", seed) for seed in (7, 7, 8))
    rows = [
        np.concatenate([block.rows for block in found.blocks]) for found in (first, again, other)
    ]
    assert np.array_equal(rows[0], rows[1])
    assert not np.array_equal(rows[0], rows[2])


def test_a_class_with_one_image_is_left_out_and_named():
    found = population(np.array([0] * 9 + [1] + [2] * 9), 3, 20, "real", 0)
    assert found.left_out == (1,)
    assert {block.label for block in found.blocks} == {0, 2}


def test_other_classes_are_drawn_evenly():
    labels = np.repeat(np.arange(5), 200)
    found = population(labels, 5, 2000, "adversarial", 0)
    sources = Counter(labels[row[1]] for block in found.blocks for row in block.rows)
    expected = sum(sources.values()) / 5
    assert all(abs(count - expected) < 0.15 * expected for count in sources.values())


def test_a_set_that_is_too_small_says_how_many_pairs_it_makes():
    with pytest.raises(DataError, match=r"100 pairs were asked for.*fewer pairs"):
        population(np.array([0, 0, 1, 1]), 2, 100, "real", 0)


def test_one_class_alone_has_no_adversarial_pairs():
    with pytest.raises(DataError, match="fewer pairs"):
        population(np.zeros(20, dtype=int), 2, 5, "adversarial", 0)
