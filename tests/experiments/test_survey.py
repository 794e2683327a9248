"""A survey's numbers are those of a plain pass over the images."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.classifiers import load_classifier
from engine.datasets import load_dataset
from engine.experiments.images import spec as set_spec
from engine.experiments.images.survey import Survey, chosen
from engine.images import to_pixels
from engine.progress import SILENT, Cancelled
from engine.records import Store, run


def test_a_survey_equals_a_plain_pass(tmp_path):
    record = run(Survey("digits-vgg", "digits", limit=100), store=Store(tmp_path, shipped=None))
    classifier, data = load_classifier("digits-vgg"), load_dataset("digits")
    index = record.arrays["index"]
    logits = classifier(to_pixels(data.batch(index)))
    odds = torch.log_softmax(logits, 1)
    assert len(index) == len(set(index)) == 100
    assert np.array_equal(record.arrays["prediction"], odds.argmax(1).numpy())
    assert np.allclose(record.arrays["loss"], -odds.max(1).values.numpy(), atol=1e-6)
    assert np.array_equal(record.arrays["label"], data.labels[index])
    right = (odds.argmax(1).numpy() == data.labels[index]).mean()
    assert record.summary["accuracy"] == pytest.approx(right)


@pytest.mark.parametrize(("count", "limit"), [(10, 0), (10, 3), (10, 10), (10, 99), (1, 1)])
def test_a_limited_survey_is_spread_evenly(count, limit):
    index = chosen(count, limit)
    assert len(index) == min(limit or count, count)
    assert len(set(index)) == len(index)
    assert np.ptp(np.diff(index)) <= 1 if len(index) > 1 else True


def test_a_download_is_reported_before_anything_is_computed(tmp_path, monkeypatch):
    """A set that must be fetched is fetched with the caller's reporter, which may cancel it."""

    def slow(name, split, *shape, report=SILENT, **more):
        report(1, 4)
        return load_dataset("digits", split, *shape, **more)

    def stop(step, total, **metrics):
        seen.append((step / total, metrics["stage"]))
        raise Cancelled

    seen = []
    monkeypatch.setattr(set_spec, "load_dataset", slow)
    with pytest.raises(Cancelled):
        run(Survey("digits-vgg", "digits"), store=Store(tmp_path, shipped=None), report=stop)
    assert seen == [(0.25, "Downloading")]


@pytest.mark.data
def test_a_thousand_class_network_is_right_on_ten_named_classes(data_folder, tmp_path):
    """MobileNet knows imagenette's classes under other numbers: they are matched by name."""
    spec = Survey(f"file:{data_folder}/mobilenet-imagenet.pt2", "imagenette", limit=60)
    record = run(spec, store=Store(tmp_path, shipped=None))
    assert record.summary["accuracy"] > 0.6
    assert len(record.summary["classes"]) == 1000
