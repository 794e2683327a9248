"""The bench compares what is the same, and its limit is the best of what was tried."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from engine.speed import limits
from engine.speed.limits import Choice, Needs, measure_limit
from engine.speed.rows import Row, Times, as_line, in_turns
from engine.speed.tasks import NAMES, tasks
from tests.networks import random_images, tiny_classifier


def test_the_limit_is_the_best_choice_of_those_tried(monkeypatch):
    """With times made up: bfloat16 halves them, 64 images are best, channels last does not run."""
    tried = []

    def seconds(trial, choice: Choice) -> float:
        tried.append(choice)
        if choice.channels_last:
            raise RuntimeError("no such layout")
        return (1 + abs(choice.images - 64) / 64) * (0.5 if choice.bfloat16 else 1)

    monkeypatch.setattr(limits._Trial, "seconds", seconds)
    found = measure_limit(tiny_classifier(), compiled=False)
    assert (found.forward.choice.images, found.gradient.choice.images) == (64, 64)
    assert (found.forward.seconds, found.gradient.seconds) == (1, 0.5)
    assert not found.forward.choice.bfloat16, "what is told is verified in float32"
    assert any(choice.channels_last for choice in tried)


def test_a_measured_limit_leaves_threads_and_network_as_they_were():
    classifier, threads = tiny_classifier(), torch.get_num_threads()
    before = classifier(random_images(2))
    found = measure_limit(classifier, compiled=False)
    assert torch.get_num_threads() == threads
    assert torch.equal(classifier(random_images(2)), before)
    assert found.forward.seconds > 0
    assert min(found.again()) > 0
    twice = found.at([(1.0, 3.0), (2.0, 4.0), (9.0, 8.0)])
    assert twice.seconds(Needs(verified=10, gradients=5)) == 10 * 2 + 5 * 4


def test_ways_take_turns():
    done = []
    times, results = in_turns(
        {name: lambda name=name: done.append(name) or name for name in ("ours", "plain")},
        turns=2,
    )
    assert done == ["ours", *["ours", "plain"] * 2], "ours warms up, and the plain way with it"
    assert {len(one.seconds) for one in times.values()} == {2}
    assert results == {"ours": ["ours"] * 2, "plain": ["plain"] * 2}


def test_a_row_says_ratios_and_a_share_of_the_limit():
    row = Row("curve", "net", Times((1.0, 2.0, 3.0)), Times((8.0,)), limit_s=0.5)
    line = as_line(row)
    assert "4.0x" in line
    assert "25%" in line
    assert "50%" in line
    assert row.as_json()["ours_turns_s"] == (1.0, 2.0, 3.0)
    assert as_line(replace(row, plain=None, limit_s=None)).count(" - ") == 3


@pytest.mark.filterwarnings("ignore")
def test_every_task_runs_in_all_its_ways():
    classifier = tiny_classifier()
    images = random_images(4)
    target = int(classifier(images[:1]).argmax())
    a, c, targets = images[:1], images[1:2], torch.tensor([target])
    names = []
    for task in tasks(classifier, a, c, targets):
        names.append(task.name)
        ours = task.ours()
        # Those of a search take every iteration; test_plain has them.
        plain = None if task.name in ("connect", "attack", "synthesis") else task.plain
        for way in filter(None, (plain, task.peer)):
            way()
        assert isinstance(task.note(ours, None), str)
        if task.needs:
            needs = task.needs(ours)
            assert needs.verified > 0
            assert needs.gradients >= 0
    assert names == [name for name in NAMES if name not in ("verdict", "adversarial")]
