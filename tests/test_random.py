"""Streams are reproducible, and independent of each other."""

from __future__ import annotations

from engine.random import derive, generator


def test_same_seed_and_label_give_the_same_stream():
    assert (generator(1, "a").random(5) == generator(1, "a").random(5)).all()


def test_another_seed_or_label_gives_another_stream():
    seeds = {derive(seed, label) for seed in range(50) for label in ("a", "b", "1/a")}
    assert len(seeds) == 150
