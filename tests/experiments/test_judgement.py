"""The detector that a benchmark keeps: who taught it, who set its false-positive rate, who tested it."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from engine.experiments.detection.computing import detection, judging
from engine.experiments.detection.computing import tables as judged_tables
from engine.experiments.detection.computing.detection import draw, protocol
from engine.experiments.detection.computing.judging import Judged, Samples
from engine.experiments.detection.computing.tables import ALTERED_WRONG
from engine.experiments.detection.detection import Judgement
from engine.experiments.detection.protocol import UNSEEN
from engine.progress import SILENT
from engine.statistics import wilson
from tests.detectors.listening import KIND, NUMBER, Listening, numbers, rows
from tests.detectors.small import SHAPE

COUNT = 50
SPEC = Judgement(images=COUNT, splits=2, attacks=("fgsm", "bim"), adaptive_images=6)
KINDS = {
    "fgsm": 1, "bim": 2,
    "fgsm/float": 1, "bim/float": 2, "fgsm/8-bit": 3, "bim/8-bit": 4,
}  # fmt: skip
SUCCESS = np.arange(COUNT) % 5 > 0
LEARNT_ALL = 1 + 2 + 3 + 4
"""What the model that is kept adds to every score, for it learnt from these kinds."""


class Known:
    """Features that are known by heart, in place of gathered ones."""

    def __init__(self, spec: Judgement, context: SimpleNamespace) -> None:
        self.spec, self.context, self.left_out = spec, context, {}
        self.detector, self.clean = context.detector, rows(range(COUNT))
        self.altered = None

    def samples(self, *pixels: str) -> Samples:
        names = [
            attack if len(pixels) == 1 else f"{attack}/{kind}"
            for attack in self.spec.attacks
            for kind in pixels
        ]
        attacked = {name: rows(range(COUNT), KINDS[name]) for name in names}
        return Samples(self.clean, attacked, dict.fromkeys(names, SUCCESS))

    def others(self, sample: str) -> tuple[np.ndarray, np.ndarray]:
        """The clean images once more, or such as score above all of them; every fifth misclassified."""
        numbered = range(COUNT) if sample == "plain" else range(COUNT, 2 * COUNT)
        return rows(numbered), np.arange(COUNT) % 5 > 0


def pictures(_: Judgement, index: np.ndarray) -> np.ndarray:
    """Images whose every pixel is their number."""
    return np.ones((len(index), *SHAPE), np.float32) * index[:, None, None, None]


@pytest.fixture(scope="module")
def judged() -> SimpleNamespace:
    """`findings` of a judgement, the `detector`, and what attacks on it were `asked` for."""
    context = SimpleNamespace(report=SILENT, device="cpu", detector=Listening())
    asked: dict[str, list] = {"images": [], "labels": [], "model": [], "sides": []}

    def evade(detector, images, labels, model, *_):
        for name, value in (("images", images), ("labels", labels), ("model", model)):
            asked[name].append(value)
        return images

    def knowledge(detector, *sides):
        asked["sides"] += sides
        return "known"

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(detection, "Gathered", Known)
        patch.setattr(judged_tables, "evade", evade)
        patch.setattr(judged_tables, "knowledge", knowledge)
        patch.setattr(judged_tables, "_caught", lambda *given: {"clean": given[3]})
        patch.setattr(judged_tables, "milliseconds", lambda *_: 0.0)
        patch.setattr(judging, "RESAMPLES", 2)
        patch.setattr(judged_tables, "ALARM", 0.06)
        patch.setattr(Judgement, "select_images", lambda *_: (np.arange(COUNT), np.arange(COUNT)))
        patch.setattr(Judgement, "pictures", pictures)
        findings = SPEC.compute(context)
    return SimpleNamespace(findings=findings, detector=context.detector, asked=asked)


def test_the_detector_that_is_kept_learnt_from_the_first_split_s_own_images(judged):
    split, model = draw(SPEC)[0], judged.detector.models[-1]
    for told, side in ((model.learnt, split.learning), (model.chose, split.choosing)):
        assert numbers(told, 0) == np.flatnonzero(side).tolist()
        for kind in (1, 2, 3, 4):
            assert numbers(told, kind) == np.flatnonzero(side & SUCCESS).tolist()


def test_its_false_alarms_are_counted_on_every_clean_image_that_it_did_not_learn_from(judged):
    never = np.flatnonzero(~draw(SPEC)[0].learning)
    assert np.array_equal(judged.findings.arrays["fitted/clean_scores"], LEARNT_ALL + never / 1024)


def test_other_clean_images_are_alarms_above_the_threshold_of_those_never_learnt_from(judged):
    never = np.flatnonzero(~draw(SPEC)[0].learning)
    assert len(never) == 18
    table = judged.findings.tables["negatives"]
    told = {kind: row for kind, *row in zip(*table.values(), strict=True)}
    # 6 % of 18 images is one: only images with a higher score than all of them are alarms.
    right = np.arange(COUNT) % 5 > 0
    called = right & (np.arange(COUNT) > never.max())
    assert told["plain"] == [40, called.sum() / 40, *wilson(int(called.sum()), 40)]
    assert told[UNSEEN[1]][:2] == [40, 1]
    share = (len(UNSEEN) - 1 + called_wrongly(never)) / len(UNSEEN)
    assert told[ALTERED_WRONG][:2] == [10 * len(UNSEEN), pytest.approx(share)]


def called_wrongly(never: np.ndarray) -> float:
    """The share of the plain misclassified images that are alarms."""
    return float((np.arange(0, COUNT, 5) > never.max()).mean())


def test_the_attack_that_knows_it_is_made_on_test_images_with_what_was_learnt(judged):
    split = draw(SPEC)[0]
    numbered = np.flatnonzero(split.testing)[:6]
    for images, labels in zip(judged.asked["images"], judged.asked["labels"], strict=True):
        assert torch.equal(images[:, 0, 0, 0].long(), torch.from_numpy(numbered))
        assert np.array_equal(labels, numbered)
    assert judged.asked["model"] == [None, "known"], "a plain attack, then one that knows"
    for both, side in zip(judged.asked["sides"], (split.learning, split.choosing), strict=True):
        told = np.concatenate(both)
        assert set(told[:, NUMBER]) == set(np.flatnonzero(side))
        assert set(told[:, KIND]) == {0, 1, 2, 3, 4}
    for clean in judged.findings.tables["adaptive"]["clean"]:
        assert np.array_equal(clean, LEARNT_ALL + numbered / 1024)


def test_scores_that_are_drawn_are_the_first_split_s_test_images(judged):
    testing = np.flatnonzero(draw(SPEC)[0].testing & SUCCESS)
    table = {name: np.asarray(column) for name, column in judged.findings.tables["scores"].items()}
    for attack, kind in (("fgsm", 1), ("bim", 2)):
        own = table["attack"] == attack
        # The models of this attack alone, which add its kind to every score.
        for attacked in (False, True):
            scores = table["score"][own & (table["attacked"] == attacked)]
            assert np.array_equal(scores, kind + kind * attacked + testing / 1024)


def test_splits_are_drawn_by_the_seed_in_the_shares_of_the_spec():
    splits = draw(replace(SPEC, splits=4, images=200, learning=0.5, choosing=0.3))
    for split in splits:
        sides = (split.learning, split.choosing, split.testing)
        assert [int(side.sum()) for side in sides] == [100, 60, 40]
    assert len({split.testing.tobytes() for split in splits}) == 4
    first = [draw(replace(SPEC, seed=seed))[0].testing for seed in (0, 0, 1)]
    assert np.array_equal(first[0], first[1])
    assert not np.array_equal(first[0], first[2])


def test_the_protocol_is_64_16_and_20_percent():
    split = draw(Judgement(images=100))[0]
    assert [int(s.sum()) for s in (split.learning, split.choosing, split.testing)] == [64, 16, 20]


def test_where_one_attack_alone_took_part_its_own_model_is_followed():
    """As where too few images fall for all others: then no model of all together was fitted."""
    pooling = SimpleNamespace(pools=True)
    own = Judged(scores={("fgsm", "own"): []})
    both = Judged(scores={("fgsm", "own"): [], ("fgsm", "all"): []})
    assert protocol(pooling, own) == "own"
    assert protocol(pooling, both) == "all"
    assert protocol(SimpleNamespace(pools=False), both) == "own"
