"""The Python door: settings as keywords, class names, image sets, checked pixels, lists, bars, figures."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from typing import Any

import numpy as np
import pytest
import torch

import engine
from engine.errors import ImageError, ParameterError, UnknownNameError
from engine.progress import part
from tests.kinds import KINDS

DATA = engine.load_dataset("digits")


@pytest.fixture(scope="module")
def clf() -> engine.Classifier:
    return engine.load_classifier("digits-vgg", "cpu")


@pytest.fixture(scope="module")
def pair(clf: engine.Classifier) -> tuple[np.ndarray, np.ndarray]:
    """Two eights that are seen as eights."""
    pixels, _ = DATA[DATA.labels == 8]
    return tuple(pixels[clf(pixels).argmax(1).numpy() == 8][:2])


@pytest.fixture(scope="module")
def results(clf: engine.Classifier, pair: tuple[np.ndarray, np.ndarray]) -> dict[str, Any]:
    """One result of every kind."""
    pixels, labels = DATA[:40]
    attacked = engine.attack("bim", clf, pixels, labels, eps=0.2)
    detector = engine.make_detector("input-mfs", clf, DATA)
    return {
        "curve": engine.loss_curve(clf, pair, "8", points=50),
        "connection": engine.connect(clf, *pair, "8", threshold=1e-6, iterations=5, rounds=1),
        "attacked": attacked,
        "modes": engine.visualise(clf, "8", steps=4, finish=0, count=2),
        "detector": detector.fit(pixels, attacked.images),
        "plane": engine.loss_plane(clf, pair[0], pixels[0], pair[1], "8", resolution=5),
    }


def test_settings_are_keywords(clf: engine.Classifier, pair: Any) -> None:
    settings = engine.ConnectSettings(threshold=0.5, rounds=4)
    found = engine.connect(clf, *pair, "8", settings, rounds=0)
    assert (found.threshold, len(found.rounds)) == (0.5, 0)
    (same,) = engine.connect_many(clf, pair[0][None], pair[1][None], 8, threshold=0.5, rounds=0)
    assert torch.equal(same.path.nodes, found.path.nodes)
    mode = engine.visualise(clf, "8", steps=3, finish=0)
    assert mode.steps.tolist() == [3]


@pytest.mark.parametrize("name", ["connect", "visualise", "make_detector", "attack"])
def test_an_unknown_keyword_lists_the_known(clf: engine.Classifier, pair: Any, name: str) -> None:
    calls = {
        "connect": lambda: engine.connect(clf, *pair, "8", round=2),
        "visualise": lambda: engine.visualise(clf, "8", step=2),
        "make_detector": lambda: engine.make_detector("lid", clf, DATA, neighbors=5),
        "attack": lambda: engine.attack("bim", clf, pair[0], "8", epsilon=0.1),
    }
    with pytest.raises(UnknownNameError, match=r"Unknown parameter of .* Did you mean .* Known: "):
        calls[name]()
    with pytest.raises(ParameterError, match="expected ConnectSettings"):
        engine.connect(clf, *pair, "8", engine.SynthesisSettings())


def test_classes_have_names(clf: engine.Classifier, pair: Any) -> None:
    shapes = engine.load_classifier("shapes-resnet", "cpu")
    assert engine.visualise(shapes, "Heart", steps=1, finish=0).targets == (8,)
    named = engine.visualise(shapes, ["heart", "disc"], steps=1, finish=0, count=2)
    assert named.targets == (8, 0)
    by_name, by_index = (engine.loss_curve(clf, pair, target, 20) for target in ("8", np.int64(8)))
    assert np.array_equal(by_name.loss, by_index.loss)
    with pytest.raises(UnknownNameError, match=r"Unknown class 'hart'\. Did you mean 'heart'"):
        engine.visualise(shapes, "hart")
    for wrong in (8.0, True, -1, 10, [8, 8], {"8": 8}):
        with pytest.raises(ParameterError, match="target: expected"):
            engine.loss_curve(clf, pair, wrong)


def test_a_target_that_can_be_told_need_not_be_given(clf: engine.Classifier, pair: Any) -> None:
    assert engine.loss_curve(clf, pair, points=20).target == 8
    assert engine.connect(clf, *pair, rounds=0).target == 8
    pixels, _ = DATA[DATA.labels == 3]
    with pytest.raises(ParameterError, match="sees the first image as '8' and the second as '3'"):
        engine.connect(clf, pair[0], pixels[0])


def test_one_image_is_enough_where_one_makes_sense(clf: engine.Classifier, results: Any) -> None:
    image, label = DATA[0]
    assert torch.equal(clf(image), clf(image[None]))
    assert engine.attack("fgsm", clf, image, label).images.shape == (1, 1, 8, 8)
    assert results["detector"].score(image).shape == (1,)


@pytest.mark.parametrize("scale", [255.0, -1.0])
def test_pixels_outside_the_range_are_refused(
    clf: engine.Classifier, pair: Any, results: Any, scale: float
) -> None:
    bad, (a, c) = scale * np.stack(pair), pair
    labels = [8, 8]
    for call in (
        lambda: clf(bad),
        lambda: clf(torch.from_numpy(bad)),
        lambda: engine.loss_curve(clf, bad),
        lambda: engine.loss_plane(clf, bad[0], a, c, 8),
        lambda: engine.connect(clf, bad[0], c, 8),
        lambda: engine.connect(clf, a, bad[1]),
        lambda: engine.connect_many(clf, bad, bad[::-1].copy(), 8),
        lambda: engine.attack("fgsm", clf, bad, labels),
        lambda: engine.make_detector("lid", clf, (bad, labels)),
        lambda: results["detector"].fit(bad, bad),
        lambda: results["detector"].score(bad),
    ):
        with pytest.raises(ImageError, match=r"got values from .*divide bytes by 255"):
            call()


def test_what_a_search_found_may_leave_the_range(clf: engine.Classifier, pair: Any) -> None:
    path = engine.Polyline([pair[0], pair[0] - 0.5, pair[1]])
    assert np.isfinite(engine.loss_curve(clf, path, 8, 20).loss).all()
    assert engine.connect(clf, pair[0] - 0.5, pair[1], 8, rounds=0, free=True).target == 8


def test_an_image_set_serves_as_references(clf: engine.Classifier) -> None:
    detector = engine.make_detector("mode-connectivity", clf, DATA)
    assert detector.constants["references"].shape == (10, 1, 1, 8, 8)
    pets = engine.wrap(
        torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(64, 2)),
        classes=["cat", "dog"],
        input_shape=(1, 8, 8),
        device="cpu",
    )
    with pytest.raises(engine.IsthmusError, match="have no class in common"):
        engine.make_detector("lid", pets, DATA)


def test_rooms_list_what_they_hold_without_torch() -> None:
    program = (
        "import sys, engine\n"
        "lists = [engine.attacks(), engine.detectors(), engine.finders(), engine.experiments()]\n"
        "assert all(lists) and all(isinstance(known, tuple) for known in lists)\n"
        "engine.progress()\n"
        "import engine.attacks.settings\n"
        "assert engine.attacks() == lists[0]\n"
        "sys.exit(bool({'torch', 'altair', 'tqdm', 'pandas'} & set(sys.modules)))\n"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_the_lists_are_the_registries() -> None:
    from engine.attacks import ATTACKS
    from engine.detectors import DETECTORS
    from engine.finders import FINDERS

    assert engine.attacks() == tuple(ATTACKS)
    assert engine.detectors() == tuple(DETECTORS)
    assert engine.finders() == tuple(FINDERS)
    alone = {kind for kind, cls in KINDS.items() if not cls.part_of}
    assert alone <= set(engine.experiments())
    assert not set(engine.experiments()) & (KINDS.keys() - alone)


def test_a_bar_shows_the_stage_and_closes(capsys: pytest.CaptureFixture[str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        bar = engine.progress()
        for k in range(3):
            part(part(bar, 0.5, 1), 0, 1, "Second half")(k, 2, loss=0.25, preview="data:image/png")
            if k == 1:
                assert repr(bar) == "<Bar 75%>"
    assert repr(bar) == "<Bar>"
    shown = capsys.readouterr().err
    assert "Second half" in shown
    assert "100%" in shown
    assert "data:image" not in shown
    bar(1, 1)
    bar(0.2, 1, stage="Again")
    bar.close()
    assert "Again" in capsys.readouterr().err


def test_functions_end_their_bar(clf: engine.Classifier, pair: Any, results: Any) -> None:
    pixels, labels = DATA[:12]
    for work in (
        lambda report: engine.loss_curve(clf, pair, 8, 20, report),
        lambda report: engine.loss_plane(clf, *pair[:1], pixels[0], pair[1], 8, 5, report=report),
        lambda report: engine.connect(clf, *pair, rounds=0, report=report),
        lambda report: engine.visualise(clf, 8, steps=2, report=report),
        lambda report: engine.attack("fgsm", clf, pixels, labels, report=report),
        lambda report: engine.make_detector("lid", clf, DATA, report=report),
        lambda report: results["detector"].fit(pixels, pixels, report=report),
        lambda report: results["detector"].score(pixels, report=report),
    ):
        told: list[float] = []
        work(lambda step, total, told=told, **metrics: told.append(step / total))
        assert told[-1] == 1


def test_representations_are_short(clf: engine.Classifier, results: Any) -> None:
    match = engine.matching(DATA, clf.card)
    values = [*results.values(), clf, DATA, match, results["connection"].path]
    for value in [*values, *results["connection"].rounds, results["connection"].rounds[0].bends[0]]:
        assert len(repr(value)) < 240
        assert "array(" not in repr(value)
        assert "tensor(" not in repr(value)


def test_results_draw_themselves(results: Any) -> None:
    pixels, _ = DATA[:20]
    figures = {
        "curve": results["curve"].plot(),
        "bent": results["connection"].curves(20)[-1].plot(logarithmic=True),
        "connection": results["connection"].plot(points=50),
        "attacked": results["attacked"].plot(most=3),
        "modes": results["modes"].plot(),
        "detector": results["detector"].plot(pixels, results["attacked"].images[:20]),
    }
    texts = {name: json.dumps(figure.to_dict()) for name, figure in figures.items()}
    assert "Straight path" in texts["connection"]
    assert "After round 1" in texts["connection"]
    assert "threshold 0.05 nats" in texts["curve"]
    assert texts["attacked"].count("data:image/png") == 3 * 3
    assert texts["modes"].count("data:image/png") == 2
    assert "Attacked" in texts["detector"]
    with pytest.raises(ParameterError, match="at least 1 picture"):
        results["modes"].plot(most=0)
