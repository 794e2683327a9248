"""Sets and classifiers with other classes: whatever is asked of them is refused, and nothing is stored."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import engine
from engine.attacks.settings import AttackSettings
from engine.classifiers import load_classifier
from engine.classifiers.labels import FOREIGN, UNKNOWN
from engine.datasets import load_dataset
from engine.errors import ClassesError, DataError, ImageError
from engine.experiments.base import Spec
from engine.experiments.detection.detection import Detection
from engine.experiments.detection.verdict import Verdict
from engine.experiments.images.results import SurveyResult
from engine.experiments.images.survey import Survey
from engine.experiments.pair.real_adversarial import RealAdversarial
from engine.experiments.pair.real_real import RealReal
from engine.experiments.population.computing.shards import measure_pairs
from engine.experiments.population.pair_statistics import AttackPopulations, PairStatistics
from engine.experiments.population.shards import Forecast, PairShard
from engine.experiments.synthesis.modes import Modes
from engine.finders.settings import ConnectSettings
from engine.images import encode_png
from engine.progress import SILENT
from engine.records import Store, run

ALIEN = {"classifier": "digits-resnet", "dataset": "shapes"}
STRAIGHT = {"connect": ConnectSettings(rounds=0), "points": 50, "plane_resolution": 0}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store", shipped=None)


def folder_of(root: Path, classes: Sequence[tuple[str, int]]) -> str:
    """A set of digits in folders with the names given: [("three", 3), ...], ten of each; "" for none."""
    data = load_dataset("digits")
    for name, digit in classes:
        (root / name).mkdir(parents=True, exist_ok=True)
        for row in np.flatnonzero(data.labels == digit)[:10]:
            (root / name / f"{digit}-{row:04}.png").write_bytes(encode_png(data.images[row]))
    return f"folder:{root}"


@pytest.mark.parametrize(
    "spec",
    [
        RealReal(**ALIEN),
        RealReal(**ALIEN, first="3", second="5"),
        RealReal(**ALIEN, first="upload:" + "0" * 64),
        RealAdversarial(**ALIEN),
        RealAdversarial(**ALIEN, first="3", source="5", second="7"),
        Survey(**ALIEN),
        PairStatistics(**ALIEN, pairs=10),
        AttackPopulations(**ALIEN, pairs=10),
        Forecast.of(PairStatistics(**ALIEN)),
        Modes(**ALIEN, real=2),
        Detection(**ALIEN),
        Detection(**ALIEN).known(),
        Detection(**ALIEN).judgements()[0],
        Detection(**ALIEN).attacked_shards("fgsm")[0],
        Verdict(benchmark=Detection(**ALIEN), images=("3",)),
    ],
    ids=lambda spec: spec.kind,
)
def test_every_kind_on_a_set_stops_at_other_classes(spec: Spec, store: Store) -> None:
    with pytest.raises(ClassesError, match="no class in common"):
        run(spec, store=store)
    assert not store.records()


def test_what_needs_no_set_is_not_refused(store: Store) -> None:
    """Pictures of one's own, and modes made from noise, whatever the set beside them is called."""
    threes = np.flatnonzero(load_dataset("digits").labels == 3)[:2]
    first, second = (store.put_image(load_dataset("digits").images[k].repeat(3, 2)) for k in threes)
    own = RealReal(**ALIEN, first=f"upload:{first}", second=f"upload:{second}", **STRAIGHT)
    assert engine.run(own, store=store).summary["target_name"] == "3"
    assert Modes(**ALIEN, real=0).key()


def test_pictures_of_classes_that_it_does_not_know_are_never_right(
    tmp_path: Path, store: Store
) -> None:
    """Threes in a folder called "banana" look like threes, and are not taken for one."""
    dataset = folder_of(tmp_path / "set", [("3", 3), ("5", 5), ("banana", 3)])
    found = run(Survey("digits-resnet", dataset), store=store).arrays
    bananas = np.arange(20, 30)
    assert (found["label"][bananas] == FOREIGN).all()
    assert (found["prediction"][bananas] == 3).sum() > 5
    chosen = run(
        RealReal(classifier="digits-resnet", dataset=dataset, label="3", **STRAIGHT), store=store
    )
    assert not {chosen.summary["first"]["source"], chosen.summary["second"]["source"]} & {
        str(k) for k in bananas
    }
    attacked = RealAdversarial(
        classifier="digits-resnet", dataset=dataset, label="5", source="20", **STRAIGHT
    )
    with pytest.raises(ImageError, match="a class that it does not know: it is misclassified"):
        run(attacked, store=store)


def test_a_set_without_labels_is_ranked_by_what_is_seen(tmp_path: Path, store: Store) -> None:
    dataset = folder_of(tmp_path / "set", [("", 3)])
    found = run(Survey("digits-resnet", dataset), store=store)
    assert (found.arrays["label"] == UNKNOWN).all()
    assert found.summary["accuracy"] is None
    spec = RealReal(classifier="digits-resnet", dataset=dataset, label="3", **STRAIGHT)
    assert run(spec, store=store).summary["target_name"] == "3"


def test_folders_that_are_only_counted_are_in_order(tmp_path: Path, store: Store) -> None:
    """As with ImageNet's folders n01440764 and so on, whose order is that of its classes."""
    folders = [(f"n{digit:08}", digit) for digit in range(10)]
    dataset = folder_of(tmp_path / "set", folders)
    assert run(Survey("digits-resnet", dataset), store=store).summary["accuracy"] > 0.9


def test_a_picture_and_its_copies_are_never_a_pair(tmp_path: Path, store: Store) -> None:
    """Every three is there five times, under other names, and once as a five."""
    dataset = folder_of(tmp_path / "set", [("3", 3), ("5", 5)])
    for file in sorted((tmp_path / "set" / "3").iterdir()):
        for number in range(4):
            shutil.copy(file, file.with_stem(f"{file.stem} copy {number}"))
        shutil.copy(file, tmp_path / "set" / "5" / f"three {file.name}")
    chosen = {"classifier": "digits-resnet", "dataset": dataset, "label": "3"}
    ends = run(RealReal(**chosen, **STRAIGHT), store=store).summary
    data = load_dataset(dataset)
    first, second = (int(ends[end]["source"]) for end in ("first", "second"))
    assert not np.array_equal(data.images[first], data.images[second])
    beside = RealReal(**{**chosen, "label": ""}, first=str(first), **STRAIGHT)
    other = int(run(beside, store=store).summary["second"]["source"])
    assert not np.array_equal(data.images[first], data.images[other])

    classifier = load_classifier("digits-resnet")
    shard = PairShard(classifier="digits-resnet", dataset=dataset, pairs=20, points=10, blocks=9)
    for branch in ("real", "adversarial"):
        spec = replace(shard, branch=branch, attack=AttackSettings(method="fgsm"))
        rows, _ = measure_pairs(spec, classifier, SILENT)
        ends = data.images[rows["first"]], data.images[rows["second"]]
        same = np.array([np.array_equal(one, two) for one, two in zip(*ends, strict=True)])
        assert not (same & (rows["outcome"] == "kept")).any()
        if branch == "real":
            assert same.any()
            assert (rows["outcome"][same] == "duplicate").all()


def test_a_class_of_copies_alone_has_no_pair(tmp_path: Path, store: Store) -> None:
    dataset = folder_of(tmp_path / "set", [("3", 3)])
    first, *others = sorted((tmp_path / "set" / "3").iterdir())
    for file in others:
        shutil.copy(first, file)
    spec = RealReal(classifier="digits-resnet", dataset=dataset, label="3", **STRAIGHT)
    with pytest.raises(ImageError, match="has 1 different image that"):
        run(spec, store=store)


def test_a_damaged_picture_is_left_out_counted_and_named(tmp_path: Path, store: Store) -> None:
    dataset = folder_of(tmp_path / "set", [("3", 3), ("5", 5)])
    broken = sorted((tmp_path / "set" / "3").iterdir())[2]
    broken.write_bytes(broken.read_bytes()[:50])
    found = run(Survey("digits-resnet", dataset), store=store)
    assert found.summary["count"] == 19
    assert 2 not in found.arrays["index"]
    assert np.isfinite(found.arrays["loss"]).all()
    result = found.found(SurveyResult)
    assert result.damaged_count == 1
    assert str(broken) in result.damaged[0]
    assert result.outcome.endswith("1 left out as damaged")
    spec = PairShard(classifier="digits-resnet", dataset=dataset, pairs=20, points=10, blocks=9)
    rows, _ = measure_pairs(spec, load_classifier("digits-resnet"), SILENT)
    hit = (rows["first"] == 2) | (rows["second"] == 2)
    assert hit.any()
    assert (rows["outcome"][hit] == "damaged").all()
    assert "damaged" not in rows["outcome"][~hit]


def test_a_set_of_damaged_pictures_alone_is_refused(tmp_path: Path, store: Store) -> None:
    dataset = folder_of(tmp_path / "set", [("3", 3)])
    for file in (tmp_path / "set" / "3").iterdir():
        file.write_bytes(b"")
    with pytest.raises(DataError, match=r"No picture of .* can be read.*is empty"):
        run(Survey("digits-resnet", dataset), store=store)


def test_what_a_set_holds_back_is_remarked(tmp_path: Path) -> None:
    dataset = folder_of(tmp_path / "set", [("3", 3), ("banana", 5), ("", 4)])
    matched, beside = Survey("digits-resnet", dataset).remarks()
    assert "knows 1 of 2 classes" in matched
    assert "does not know 1 class (banana)" in matched
    assert beside == "Passed over beside the classes' folders: 10 pictures."
    assert not Survey("digits-resnet", "digits").remarks()
    assert not RealReal(**ALIEN, first="upload:" + "0" * 64, second="file:a.png").remarks()
    assert not Modes(**ALIEN, real=0).remarks()
