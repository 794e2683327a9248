"""Synthesised images are what they are said to be, whoever shares their batch, and no mode unless proved."""

from __future__ import annotations

import base64
import io
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from engine.classifiers import load_classifier
from engine.errors import ParameterError
from engine.progress import Cancelled
from engine.synthesis.preview import LIMIT, Preview, picture
from engine.synthesis.settings import NATURAL, PATTERN, SynthesisSettings
from engine.synthesis.visualising import visualise
from tests.networks import random_images, reference_logits, tiny_classifier

QUICK = replace(PATTERN, steps=60)
STAR = 6


@pytest.fixture(scope="module")
def classifier():
    return load_classifier("shapes-resnet")


@pytest.fixture(scope="module")
def natural(classifier):
    return visualise(classifier, STAR, replace(NATURAL, steps=80), count=3)


@pytest.fixture(scope="module")
def pattern(classifier):
    return visualise(classifier, STAR, replace(PATTERN, steps=80), count=3)


@pytest.mark.parametrize("mode", ["natural", "pattern"])
def test_modes_pass_an_independent_look(classifier, mode, request):
    """One image at a time, with a cross-entropy of its own in float64."""
    found = request.getfixturevalue(mode)
    assert found.converged.all()
    assert found.images.dtype == torch.float32
    assert 0 <= float(found.images.min()) <= float(found.images.max()) <= 1
    for k, image in enumerate(found.images):
        with torch.no_grad():
            logits = classifier(image[None])[0].double().numpy()
        loss = np.log(np.exp(logits - logits.max()).sum()) + logits.max() - logits[STAR]
        assert loss < 1e-3
        assert found.loss[k] == pytest.approx(loss, abs=1e-5)
        assert found.prediction[k] == logits.argmax() == STAR
    assert "3 of 3 images are modes" in found.status


def test_natural_modes_are_smooth_and_patterns_are_not(natural, pattern):
    """Neighbouring pixels agree in one kind and not in the other."""
    for found, low, high in ((natural, 0.5, 1.0), (pattern, -0.3, 0.3)):
        pixels = found.images - found.images.mean(dim=(2, 3), keepdim=True)
        agreement = (pixels[..., 1:] * pixels[..., :-1]).mean() / pixels.square().mean()
        assert low < float(agreement) < high


def test_modes_of_one_call_differ(natural):
    flat = natural.images.flatten(1)
    assert float(torch.pdist(flat).min()) > 0.05 * flat.shape[1] ** 0.5


@pytest.mark.parametrize("settings", [replace(NATURAL, steps=6), replace(PATTERN, steps=6)])
def test_an_image_does_not_depend_on_those_beside_it(settings):
    classifier = tiny_classifier()
    settings = replace(settings, finish=0)
    many = visualise(classifier, 1, settings, seed=5, count=4)
    alone = visualise(classifier, 1, settings, seed=5)
    assert torch.allclose(many.images[0], alone.images[0], atol=1e-4)
    again = visualise(classifier, 1, settings, seed=5, count=4)
    assert torch.equal(many.images, again.images)
    assert not torch.allclose(
        many.images, visualise(classifier, 1, settings, seed=6, count=4).images
    )


def test_more_images_than_fit_at_once_are_the_same_images(monkeypatch):
    classifier = tiny_classifier()
    whole = visualise(classifier, [0, 1, 2, 3, 0], QUICK, count=5)
    monkeypatch.setattr("engine.synthesis.visualising.batch_size", lambda shape, device: 2)
    parts = visualise(classifier, [0, 1, 2, 3, 0], QUICK, count=5)
    assert torch.allclose(whole.images, parts.images, atol=1e-3)
    assert parts.targets == (0, 1, 2, 3, 0)
    assert parts.trace.shape == whole.trace.shape


def test_each_image_may_have_a_class_of_its_own():
    found = visualise(tiny_classifier(), [3, 1], QUICK, count=2)
    assert found.converged.all()
    assert reference_logits(found.images).argmax(1).tolist() == [3, 1]


@pytest.mark.parametrize("objective", ["dot-cosine", "cross-entropy", "logit"])
def test_every_objective_raises_the_logit(objective):
    classifier = tiny_classifier()
    settings = replace(QUICK, objective=objective, finish=0)
    start = visualise(classifier, 2, replace(settings, steps=1), count=2)
    end = visualise(classifier, 2, settings, count=2)
    before, after = (reference_logits(found.images)[:, 2] for found in (start, end))
    assert bool((after > before + 0.5).all())


def test_what_did_not_converge_is_said_and_keeps_its_trace(classifier):
    found = visualise(classifier, STAR, replace(NATURAL, steps=1, finish=0))
    assert found.converged.tolist() == [False]
    assert found.status.startswith("Not a mode: after 1 step its loss is")
    assert found.steps.tolist() == [1]
    assert found.trace.shape == (2, 1)
    assert np.isfinite(found.trace).all()


def test_the_finish_takes_over_where_the_search_ends(classifier):
    search = replace(PATTERN, steps=3, threshold=1e-4)
    short = visualise(classifier, STAR, replace(search, finish=0))
    whole = visualise(classifier, STAR, search)
    assert not short.converged[0]
    assert whole.converged[0]
    assert whole.finish[0] > 0
    assert whole.steps[0] == 3 + whole.finish[0]
    assert np.allclose(whole.trace[:4, 0], short.trace[:, 0], atol=1e-5)
    assert whole.trace[-1, 0] == pytest.approx(whole.loss[0], abs=1e-5)


def test_stopping_at_the_threshold_saves_steps_and_ends_below_it():
    classifier = tiny_classifier()
    settings = replace(QUICK, stop="threshold", threshold=0.05, steps=200)
    found = visualise(classifier, [0, 1, 2, 3], settings, count=4)
    assert found.converged.all()
    assert len(set(found.steps.tolist())) > 1
    assert found.steps.max() < 200
    for k, steps in enumerate(found.steps):
        assert np.isfinite(found.trace[: steps + 1, k]).all()
        assert np.isnan(found.trace[steps + 1 :, k]).all()
        assert (found.trace[:steps, k] > 0.05).all()


def test_diversity_drives_images_apart_and_ends_them_together():
    classifier = tiny_classifier()
    settings = replace(QUICK, stop="threshold", threshold=0.05, steps=100, noise=0.1, finish=0)
    near, far = (
        visualise(classifier, 1, replace(settings, diversity_weight=weight), count=3)
        for weight in (0.0, 30.0)
    )
    assert len(set(near.steps.tolist())) > 1 == len(set(far.steps.tolist()))
    assert _likeness(far.images) < _likeness(near.images) - 0.1


@pytest.mark.parametrize(
    ("target", "count", "words"),
    [
        (9, 1, "class indices from 0 to 3"),
        ([0, 1], 3, "one for each of the 3"),
        (0, 0, "at least 1"),
    ],
)
def test_wrong_requests_are_refused_in_words(target, count, words):
    with pytest.raises(ParameterError, match=words):
        visualise(tiny_classifier(), target, QUICK, count=count)


def test_a_logit_alone_has_no_threshold_to_stop_at():
    with pytest.raises(ParameterError, match="logit alone"):
        SynthesisSettings(objective="logit", stop="threshold")


def test_previews_come_at_once_are_small_and_show_the_images():
    seen: list[str] = []

    def report(step, total, **metrics):
        seen.append(metrics.get("preview", ""))
        if len(seen) == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        visualise(tiny_classifier((3, 32, 32)), 0, QUICK, count=2, report=report)
    assert seen[0].startswith("data:image/png;base64,")
    shown = Image.open(io.BytesIO(base64.b64decode(seen[0].partition(",")[2])))
    assert shown.size == (64, 32)


@pytest.mark.parametrize(("count", "side"), [(1, 224), (8, 32), (5, 8), (8, 224)])
def test_a_preview_of_pure_noise_is_still_small(count, side):
    uri = picture(random_images(count, (3, side, side)).numpy())
    data = base64.b64decode(uri.partition(",")[2])
    assert len(data) <= LIMIT
    width, height = Image.open(io.BytesIO(data)).size
    assert width / height == pytest.approx(min(count, 4) / -(-count // 4), rel=0.05)


def test_a_preview_is_drawn_now_and_then_and_sent_with_every_report(monkeypatch):
    clock = iter(np.arange(0, 100, 0.05))
    monkeypatch.setattr("engine.synthesis.preview.time.monotonic", lambda: float(next(clock)))
    seen = []
    preview = Preview(lambda step, total, **metrics: seen.append(metrics["preview"]), 1)
    for step, image in enumerate(random_images(20, (1, 4, 4))):
        preview.note(torch.tensor([0]), image[None])
        preview(step, 20)
    assert len(seen) == 20
    assert 2 < len(set(seen)) < 12


def _likeness(images: torch.Tensor) -> float:
    flat = (images - images.mean(dim=(2, 3), keepdim=True)).flatten(1)
    unit = torch.nn.functional.normalize(flat, dim=1)
    likeness = unit @ unit.T
    return float((likeness.sum() - len(images)) / (len(images) * (len(images) - 1)))
