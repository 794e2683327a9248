"""What a judgement gathers: features of the right images, made anew from the pictures themselves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

import engine
from engine.attacks.gradient_sign import FgsmSettings
from engine.attacks.settings import AttackSettings
from engine.detectors.altering import COPIES, heeded
from engine.detectors.short_paths import ShortPaths
from engine.experiments.base import Findings, Spec
from engine.experiments.detection.computing.gathering import Gathered
from engine.experiments.detection.computing.parts import images_of, references_of
from engine.experiments.detection.detection import Judgement
from engine.experiments.detection.parts import Study
from engine.images import to_pixels
from engine.progress import SILENT

SPEC = Judgement(
    classifier="digits-vgg",
    dataset="digits",
    images=120,
    rounded_images=70,
    attacks=("fgsm",),
    attack=AttackSettings(fgsm=FgsmSettings(eps=0.19)),
    references=200,
    name="input-mfs",
    seed=2,
)
"""In two parts, of which one is judged with 8 bits a value only up to its 70th image."""


class Live:
    """Computes whatever it is asked for, once."""

    device = "cpu"
    report = staticmethod(SILENT)

    def __init__(self) -> None:
        self.found: dict[str, Findings] = {}

    def findings_of(self, spec: Spec, report: Any) -> Findings:
        if spec.key() not in self.found:
            self.found[spec.key()] = spec.compute(self)
        return self.found[spec.key()]

    def findings_of_all(self, specs, report):
        return [self.findings_of(spec, report) for spec in specs]


@pytest.fixture(scope="module")
def context():
    return Live()


@pytest.fixture(scope="module")
def gathered(context):
    return Gathered(SPEC, context)


@pytest.fixture(scope="module")
def classifier():
    return engine.load_classifier("digits-vgg", "cpu")


@pytest.fixture(scope="module")
def digits():
    return engine.load_dataset("digits", "test")


def seen_in(classifier, pixels: np.ndarray) -> np.ndarray:
    with torch.inference_mode():
        return classifier(torch.from_numpy(pixels)).argmax(1).numpy()


def spectra(pixels: np.ndarray) -> np.ndarray:
    return np.abs(np.fft.fft2(pixels.astype(float))).reshape(len(pixels), -1)


def attacked_by(context) -> np.ndarray:
    shards = [context.findings_of(one, SILENT) for one in SPEC.attacked_shards("fgsm")]
    return np.concatenate([one.arrays["images"] for one in shards])


def test_clean_images_are_of_the_test_part_correctly_classified_each_once(
    gathered, context, classifier, digits
):
    index, labels = (part[: SPEC.images] for part in SPEC.select_images(context))
    pixels = to_pixels(digits.batch(index))
    assert len(set(index.tolist())) == SPEC.images
    assert np.array_equal(labels, digits.labels[index])
    assert np.array_equal(seen_in(classifier, pixels), labels)
    assert np.array_equal(gathered.labels, labels)
    assert np.allclose(gathered.clean, spectra(pixels), atol=1e-4)


def test_attacked_images_are_twins_and_succeed_when_the_classifier_errs(
    gathered, context, classifier
):
    attacked, samples = attacked_by(context), gathered.samples("float")
    assert np.allclose(samples.clean, gathered.clean)
    assert np.allclose(samples.attacked["fgsm"], spectra(attacked), atol=1e-4)
    errs = seen_in(classifier, attacked) != gathered.labels
    assert np.array_equal(samples.success["fgsm"], errs)
    assert 25 < errs.sum() < len(errs), "there must be both"


def test_rounded_images_are_those_that_a_file_keeps_and_judged_anew(gathered, context, classifier):
    kept = np.round(attacked_by(context)[:70] * 255) / 255
    samples = gathered.samples("8-bit")
    assert np.allclose(samples.attacked["fgsm"][:70], spectra(kept), atol=1e-4)
    errs = seen_in(classifier, kept.astype(np.float32)) != gathered.labels[:70]
    assert np.array_equal(samples.success["fgsm"][:70], errs)
    assert not samples.success["fgsm"][70:].any(), "what was not attacked did not succeed"


def test_with_both_kinds_of_pixels_an_attack_counts_for_each(gathered):
    samples = gathered.samples("float", "8-bit")
    assert list(samples.attacked) == ["fgsm/float", "fgsm/8-bit"]
    for kind in ("float", "8-bit"):
        alone = gathered.samples(kind)
        assert np.array_equal(samples.attacked[f"fgsm/{kind}"], alone.attacked["fgsm"])
        assert np.array_equal(samples.success[f"fgsm/{kind}"], alone.success["fgsm"])


def test_misclassified_images_are_all_that_are_seen_wrongly(gathered, classifier, digits):
    pixels = to_pixels(digits.images)
    wrong = spectra(pixels[seen_in(classifier, pixels) != digits.labels])
    found, right = gathered.others("wrong")
    assert len(found) == len(wrong) > 0
    assert not right.any()
    assert np.allclose(np.sort(found.sum(1)), np.sort(wrong.sum(1)), rtol=1e-5)


@pytest.mark.parametrize("kind", ["plain", "with noise of 0.05", "of 70% contrast"])
def test_unseen_images_follow_those_of_the_benchmark(gathered, context, classifier, digits, kind):
    index, labels = (part[SPEC.images :][: SPEC.images] for part in SPEC.select_images(context))
    shards = SPEC.feature_shards(SPEC.name, kind)
    made, clean = (
        np.concatenate(part) for part in zip(*(images_of(s, context) for s in shards), strict=True)
    )
    assert np.array_equal(clean, to_pixels(digits.batch(index)))
    features, right = gathered.others(kind)
    assert np.allclose(features, spectra(made), atol=1e-4)
    assert np.array_equal(right, seen_in(classifier, made) == labels)
    assert np.array_equal(made, clean) == (kind == "plain")


def test_altered_copies_that_are_heeded_belong_to_their_images(context, classifier):
    spec = replace(SPEC, name="short-paths", images=SPEC.images - 20, splits=1)
    gathered = Gathered(spec, context)
    copies = np.concatenate(
        [images_of(s, context)[0] for s in spec.feature_shards(spec.name, "altered")]
    )
    kept = heeded(seen_in(classifier, copies) == np.tile(gathered.labels, COPIES))
    assert len(kept) < len(copies)
    found = gathered.altered
    assert np.array_equal(found.origin, kept % spec.images)
    logits = classifier(torch.from_numpy(copies[kept[::40]])).amax(1).detach().numpy()
    assert np.allclose(found.features[::40, 0], logits, atol=1e-3), "the highest logit comes first"
    assert Gathered(SPEC, context).altered is None, "a detector of the published kind"


def test_an_attack_that_too_few_survive_has_no_column(gathered, monkeypatch):
    whole = gathered._attack

    def few(attack, sample):
        features, errs = whole(attack, sample)
        return features, errs & (np.cumsum(errs) <= (9 if sample == "rounded" else len(errs)))

    monkeypatch.setattr(gathered, "_attack", few)
    assert list(gathered.samples("float", "8-bit").attacked) == ["fgsm/float"]
    assert not gathered.samples("8-bit").attacked


def test_known_images_are_of_the_training_part(context, classifier):
    train = engine.load_dataset("digits", "train")
    known = SPEC.known()
    found, references = known.compute(context).arrays, references_of(known, context)
    pixels = to_pixels(train.batch(found["index"]))
    assert np.array_equal(references.images, pixels)
    assert np.array_equal(references.labels, train.labels[found["index"]])
    assert np.array_equal(seen_in(classifier, pixels), references.labels)
    assert len(set(found["index"].tolist())) == len(pixels) > 150


def test_a_detector_studies_the_known_images_with_the_seed(context, classifier):
    spec = replace(SPEC, name="short-paths")
    study = Study(**spec.contestant(spec.name))
    found = study.compute(context).arrays
    known, detector = references_of(spec.known(), context), ShortPaths(classifier, None, {})
    expected = detector.study(known, 2, SILENT)
    assert set(found) == set(expected)
    for name, array in expected.items():
        assert np.array_equal(found[name], array)
    other = detector.study(known, 3, SILENT)
    assert not np.array_equal(found["noise"], other["noise"])


@pytest.mark.parametrize("sample", ["clean", "attacked", "rounded"])
def test_the_company_of_images_are_the_clean_ones_of_their_minibatch(context, digits, sample):
    shard = SPEC.feature_shards(SPEC.name, sample, "fgsm")[-1]
    images, company = images_of(shard, context)
    index = SPEC.select_images(context)[0][shard.first : shard.first + shard.count]
    assert np.array_equal(company, to_pixels(digits.batch(index)))
    assert np.array_equal(images, company) == (sample == "clean")


def test_which_images_are_taken_and_how_they_are_altered_hang_on_the_seed(context):
    seeds = [replace(SPEC, seed=seed) for seed in (2, 3)]
    taken = [one.select_images(context)[0][:50].tolist() for one in seeds]
    assert taken[0] != taken[1]
    noisy = [
        images_of(one.feature_shards(one.name, "with noise of 0.05")[0], context) for one in seeds
    ]
    shared = min(len(clean) for _, clean in noisy)
    inside = np.all([(c[:shared] > 0.2) & (c[:shared] < 0.8) for _, c in noisy], axis=0)
    noise = [(made - clean)[:shared][inside] for made, clean in noisy]
    assert inside.sum() > 200
    assert abs(np.corrcoef(*noise)[0, 1]) < 0.3
