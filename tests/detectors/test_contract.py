"""What holds for every detector of the registry, whatever it measures."""

from __future__ import annotations

import io
import json
from copy import deepcopy

import numpy as np
import pytest
import torch
from torch import nn

import engine
from engine.attacks.gradient_sign import FgsmSettings
from engine.batches import lanes
from engine.classifiers.classifier import Classifier
from engine.detectors import DETECTORS
from engine.detectors.altering import COPIES, altered_copies, heeded
from engine.detectors.base import Detector
from engine.detectors.detecting import load_detector, make_detector
from engine.detectors.settings import DetectorSettings
from engine.detectors.sides import hardest, held_out
from engine.errors import (
    DataError,
    ImageError,
    ParameterError,
    RecordError,
    UnknownNameError,
)
from engine.random import generator
from tests.detectors.conftest import digits
from tests.detectors.small import SHAPE, small_classifier
from tests.networks import random_images

each_detector = pytest.mark.parametrize("name", DETECTORS)


@pytest.fixture(scope="module")
def fitted(classifier, references, twins) -> dict[str, Detector]:
    """Every detector, fitted to the first 40 twins."""
    clean, attacked = twins
    return {
        name: make_detector(name, classifier, references).fit(clean[:40], attacked[:40])
        for name in DETECTORS
    }


def test_a_detector_says_all_that_is_asked_of_it():
    for name, method in DETECTORS.items():
        assert method.name == name
        assert type(DetectorSettings().of(name)) is method.settings_class


@each_detector
def test_features_are_finite_numbers_one_row_an_image(fitted, twins, name):
    features = fitted[name].features(twins[1][:5])
    assert features.dtype == np.float32
    assert features.ndim == 2
    assert len(features) == 5
    assert np.isfinite(features).all()


@each_detector
def test_a_network_without_a_relu_has_it_too(name):
    torch.manual_seed(0)
    hidden = [nn.Conv2d(3, 8, 3, padding=1), nn.SiLU(), nn.Conv2d(8, 8, 3), nn.Hardswish()]
    network = nn.Sequential(*hidden, nn.Flatten(), nn.Linear(8 * 4 * 3, 3))
    classifier = small_classifier(network=network)
    images = random_images(60, SHAPE)
    labels = classifier(images).argmax(1)
    detector = make_detector(name, classifier, (images[:36], labels[:36]))
    attacked = (images[36:] + 0.1 * random_images(24, SHAPE, seed=1).sub(0.5).sign()).clamp(0, 1)
    scores = detector.fit(images[36:], attacked).score(attacked)
    assert np.isfinite(scores).all()


@each_detector
def test_scores_are_probabilities(fitted, twins, name):
    scores = np.concatenate([fitted[name].score(images) for images in twins])
    assert scores.shape == (2 * len(twins[0]),)
    assert 0 <= scores.min() <= scores.max() <= 1


@each_detector
def test_what_it_was_told_is_attacked_scores_higher(classifier, references, twins, name):
    """A single image and its attacked twin, many times over: whoever looks at images knows them again."""
    clean, attacked = (images[:1].repeat(12, 1, 1, 1) for images in twins)
    detector = make_detector(name, classifier, references).fit(clean, attacked)
    one, other = (float(detector.score(images[:1])[0]) for images in (clean, attacked))
    assert one < 0.5 < other
    common, rare = detector.false_positive_rate(np.array([one, other]))
    assert rare < common


@each_detector
def test_no_bit_of_a_score_depends_on_the_company_or_the_order(fitted, twins, name):
    images = torch.cat([images[:35] for images in twins])
    whole = fitted[name].score(images)
    order = torch.randperm(70, generator=torch.Generator().manual_seed(1))
    assert np.array_equal(fitted[name].score(images[order]), whole[order])
    assert np.array_equal(fitted[name].score(images[40:57]), whole[40:57])
    alone = [float(fitted[name].score(images[k : k + 1])[0]) for k in (0, 33, 69)]
    assert alone == whole[[0, 33, 69]].tolist()


@each_detector
def test_features_for_a_score_are_all_that_it_rests_on(fitted, twins, name):
    detector, images = fitted[name], twins[1][:7]
    telling, features = detector.telling_features(images), detector.features(images)
    own = detector.columns("")
    assert telling.shape == features.shape
    assert np.array_equal(telling[:, own], features[:, own])
    assert np.array_equal(detector.features(images[3:4]), features[3:4])


@each_detector
def test_a_detector_knows_what_it_holds_in_memory(fitted, twins, name):
    fitted[name].score(twins[1][:1])
    arrays, _ = fitted[name].state()
    assert fitted[name].held >= sum(a.nbytes for n, a in arrays.items() if n != "clean_scores")


@each_detector
def test_a_reloaded_detector_scores_the_same_bits_without_pickle(classifier, fitted, twins, name):
    arrays, facts = fitted[name].state()
    file = io.BytesIO()
    np.savez(file, **arrays)
    file.seek(0)
    with np.load(file, allow_pickle=False) as stored:
        loaded = load_detector(classifier, dict(stored), json.loads(json.dumps(facts)))
    assert type(loaded) is DETECTORS[name]
    scores = fitted[name].score(twins[1])
    assert np.array_equal(loaded.score(twins[1]), scores)
    assert np.array_equal(
        loaded.false_positive_rate(scores), fitted[name].false_positive_rate(scores)
    )
    assert loaded.settings == fitted[name].settings


@each_detector
def test_another_classifier_is_refused(fitted, name):
    other = engine.load_classifier("digits-resnet", "cpu")
    with pytest.raises(RecordError, match="fitted to digits-vgg with other weights"):
        load_detector(other, *fitted[name].state())


def test_another_network_of_the_same_name_is_refused(fitted, classifier):
    changed = deepcopy(classifier.network)
    with torch.no_grad():
        next(changed.parameters()).flatten()[0] += 1e-3
    other = Classifier(classifier.card, changed)
    assert other.name == classifier.name
    state = fitted["input-mfs"].state()
    with pytest.raises(RecordError, match="fitted to digits-vgg with other weights"):
        load_detector(other, *state)
    by_hand = make_detector("input-mfs", other, digits("train", slice(0, 200)))
    clean = digits("test", slice(0, 20))[0]
    by_hand.fit(clean, clean.flip(3))
    assert load_detector(deepcopy(other), *by_hand.state()).score(clean[:2]).shape == (2,)


@each_detector
def test_passes_are_as_many_as_it_says(classifier, references, fitted, twins, name):
    calls = []
    size = lanes(classifier.input_shape, classifier.device)
    # What a detector works out once, whatever it is asked later, is no pass of an image.
    fitted[name].features(twins[0][:1])
    handle = classifier.network.register_forward_pre_hook(lambda *_: calls.append(1))
    fitted[name].features(twins[0][:size])
    handle.remove()
    assert len(calls) == fitted[name].forward_passes


@each_detector
def test_same_seed_same_detector_and_no_trace_of_it(classifier, references, twins, name):
    state = torch.get_rng_state()
    kept = twins[0].clone()
    clean, attacked = twins
    states = [
        make_detector(name, classifier, references, seed=5)
        .fit(clean[:20], attacked[:20], seed=2)
        .state()
        for _ in range(2)
    ]
    assert states[0][1] == states[1][1]
    for array in states[0][0]:
        assert np.array_equal(states[0][0][array], states[1][0][array])
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(clean, kept)
    assert all(parameter.grad is None for parameter in classifier.parameters())


@each_detector
def test_what_cannot_be_learnt_from_is_refused(classifier, references, twins, name):
    detector = make_detector(name, classifier, references)
    clean, attacked = twins
    with pytest.raises(DataError, match="has not learnt anything yet"):
        detector.score(clean)
    with pytest.raises(DataError, match="has not learnt anything yet"):
        detector.state()
    with pytest.raises(DataError, match="at least 10 adversarial images, got 9"):
        detector.fit(clean[:12], attacked[:9])
    with pytest.raises(ImageError, match="There are no images"):
        detector.fit(clean[:12], attacked[:0])
    features = detector.features(clean[:2])
    with pytest.raises(DataError, match="one of them is missing"):
        detector.fit_split((features, features[:0]), (features, features))


@each_detector
def test_images_of_another_kind_are_refused(fitted, twins, name):
    clean = twins[0][:2]
    for wrong, words in [
        (clean.repeat(1, 3, 1, 1), r"takes images of shape \('N', 1, 8, 8\), got \(2, 3, 8, 8\)"),
        (clean[..., :7], r"got \(2, 1, 8, 7\)"),
        (clean[0, 0], "needs a leading axis"),
        (255 * clean, r"Expected pixels in \[0, 1\], got values from 0 to 255"),
        ((255 * clean).to(torch.uint8), "Divide bytes by 255"),
        (clean * float("nan"), "NaN or infinite"),
    ]:
        with pytest.raises(ImageError, match=words):
            fitted[name].score(wrong)


@each_detector
def test_progress_ends_at_the_end(fitted, twins, name):
    told: list[float] = []
    fitted[name].score(twins[0], report=lambda step, total, **_: told.append(step / total))
    assert told[-1] == 1
    assert told[0] < 0.6


def test_names_and_settings_that_do_not_fit_are_refused(classifier, references):
    with pytest.raises(UnknownNameError, match="Did you mean 'layer-mfs'"):
        make_detector("layer-mf", classifier, references)
    with pytest.raises(UnknownNameError, match="Unknown detector 'none'"):
        load_detector(classifier, {}, {"detector": "none"})
    with pytest.raises(UnknownNameError, match="neighbors"):
        make_detector("lid", classifier, references, neighbors=3)
    with pytest.raises(ParameterError, match="expected LidSettings for 'lid', got FgsmSettings"):
        make_detector("lid", classifier, references, settings=FgsmSettings())
    with pytest.raises(ParameterError, match="2 to 99"):
        make_detector("lid", classifier, references, neighbours=1)


def test_references_may_be_a_pair_of_images_and_labels(classifier, references):
    pair = digits("train", slice(0, 200))
    made = [
        engine.make_detector("lid", classifier, given).constants for given in (pair, references)
    ]
    assert np.array_equal(made[0]["company"], made[1]["company"])


@pytest.mark.parametrize("name", ["mode-connectivity", "short-paths", "ensemble", "layer-mfs"])
def test_no_reference_is_needed(classifier, twins, name):
    detector = engine.make_detector(name, classifier).fit(twins[0][:30], twins[1][:30])
    scores = detector.score(torch.cat([twins[0][30:50], twins[1][30:50]]))
    assert scores[20:].mean() > scores[:20].mean() + 0.2


@each_detector
def test_false_alarms_are_shares_of_clean_images_that_nobody_learnt_from(
    fitted, twins, name, monkeypatch
):
    """Where it learns from altered ones, of all: those held out are scored by the model that is kept."""
    detector, clean, out = fitted[name], twins[0][:40], held_out(40, seed=0)
    scores = detector.score(clean[out])
    if detector.learns_altered:
        asked: list[list[np.ndarray]] = []
        monkeypatch.setattr(
            "engine.detectors.base.hardest", lambda own: asked.append(own) or hardest(own)
        )
        detector.fit(clean, twins[1][:40])
        copies = torch.from_numpy(altered_copies(clean.numpy(), generator(0, "altered"), COPIES))
        before, after = (detector.classifier(images).argmax(1) for images in (clean, copies))
        kept = heeded((after == before.repeat(COPIES)).numpy())
        held = detector.score(copies[kept[out[kept % len(clean)]]])
        told = np.concatenate(asked[-1])
        assert len(told) == len(clean) + len(kept)
        assert np.isin([*scores, *held], told).all()
        scores = hardest(asked[-1])
    assert np.array_equal(detector.clean_scores, np.sort(scores))
    count = len(scores) + 1
    rates = detector.false_positive_rate(np.array([2.0, scores.max(), -1.0]))
    assert rates[[0, 2]].tolist() == pytest.approx([1 / count, 1])
    assert rates[1] >= 2 / count
