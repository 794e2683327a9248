"""The real-real record holds what it claims: every number recomputed from its own nodes."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from engine.classifiers import load_classifier
from engine.datasets import load_dataset
from engine.errors import ImageError, IsthmusError, ParameterError, UnknownNameError
from engine.experiments.pair.real_real import RealReal
from engine.finders.settings import ConnectSettings
from engine.images import encode_png, to_pixels
from engine.paths import Polyline, loss_curve
from engine.records import Store, run

BARRIER = {"first": "1223", "second": "576"}
"""Two discs of the Shapes test images with a barrier of several nats between them."""


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return Store(tmp_path_factory.mktemp("store"), shipped=None)


@pytest.fixture(scope="module")
def record(store):
    return run(RealReal(**BARRIER, points=300, plane_resolution=9), store=store)


def test_the_curves_are_those_of_the_nodes(record):
    """What was measured is the loss there, and what was not is interpolated near it."""
    classifier = load_classifier("shapes-resnet")
    for number, measured in enumerate(record.tables["rounds"]["measured"]):
        nodes = record.arrays[f"nodes_{number}"]
        curve = loss_curve(classifier, Polyline(nodes), record.summary["target"], 300)
        off = np.abs(curve.loss - record.arrays[f"loss_{number}"])
        assert np.array_equal(curve.t, record.arrays[f"t_{number}"])
        assert (off <= 1e-5 + 1e-4 * curve.loss).sum() >= measured
        assert off.max() <= 0.02


def test_the_summary_agrees_with_arrays_and_tables(record):
    summary, rounds = record.summary, record.tables["rounds"]
    assert summary["height_before"] == pytest.approx(record.arrays["loss_0"].max(), abs=1e-6)
    last = record.arrays[f"loss_{summary['rounds']}"]
    assert summary["height_after"] == pytest.approx(last.max(), abs=1e-6)
    assert summary["connected"]
    assert summary["height_before"] > 0.5 > summary["height_after"]
    assert list(rounds["segments"]) == [
        len(record.arrays[f"nodes_{k}"]) - 1 for k in rounds["round"]
    ]
    assert list(rounds["connected"]) == [False] * summary["rounds"] + [True]
    trace = record.tables["trace"]
    assert set(trace["round"]) == set(range(1, summary["rounds"] + 1))


def test_the_ends_are_the_images_that_were_asked_for(record):
    images = to_pixels(load_dataset("shapes").batch([1223, 576]))
    assert np.array_equal(record.arrays["nodes_0"], images)
    assert record.summary["target_name"] == "disc"


def test_the_plane_places_the_path_at_its_true_distances(record):
    nodes = record.arrays[f"nodes_{record.summary['rounds']}"]
    spots = record.arrays["plane_nodes"]
    assert record.arrays["plane_loss"].shape == (9, 9)
    length = np.linalg.norm(nodes[-1] - nodes[0])
    assert np.linalg.norm(spots[-1] - spots[0]) == pytest.approx(length, rel=1e-5)
    assert record.arrays["plane_offset"][[0, -1]] == pytest.approx([0, 0], abs=1e-4)


def test_all_but_the_plane_is_stored_before_it(record, store):
    part = store.find(record.spec.joined.key())
    assert part is not None
    assert part.created <= record.created
    assert {*record.arrays} - {*part.arrays} == {one for one in record.arrays if "plane" in one}
    for name in part.arrays:
        assert np.array_equal(part.arrays[name], record.arrays[name])
    assert part.summary == record.summary
    assert RealReal(**BARRIER, connect=ConnectSettings(rounds=0)).joined is None


def test_the_same_spec_gives_the_same_bits(record, tmp_path):
    again = run(record.spec, store=Store(tmp_path, shipped=None))
    assert again.key == record.key
    for name in record.arrays:
        assert np.array_equal(again.arrays[name], record.arrays[name])


def test_the_straight_path_alone_is_measured_without_a_search(store):
    straight = run(RealReal(**BARRIER, connect=ConnectSettings(rounds=0)), store=store)
    assert straight.summary["rounds"] == straight.summary["backward_passes"] == 0
    assert "plane_loss" not in straight.arrays
    assert len(straight.arrays["t_0"]) == 1000


def test_an_open_choice_takes_the_two_lowest_losses_of_the_class(store):
    spec = RealReal(label="Heart", choice="lowest", connect=ConnectSettings(rounds=0))
    record = run(spec, store=store)
    ends = record.summary["first"], record.summary["second"]
    assert record.summary["target_name"] == "heart"
    assert ends[0]["source"] != ends[1]["source"]
    classifier, data = load_classifier("shapes-resnet"), load_dataset("shapes")
    hearts = np.flatnonzero(data.labels == data.classes.index("heart"))
    logits = classifier(to_pixels(data.batch(hearts)))
    losses = -torch.log_softmax(logits, 1)[:, record.summary["target"]]
    expected = losses.sort().values[:2].abs().numpy()
    assert [end["loss"] for end in ends] == pytest.approx(list(expected), abs=1e-6)


def test_files_and_uploads_are_the_images_they_hold(store, tmp_path):
    images = load_dataset("shapes").batch([1223, 576])
    file = tmp_path / "disc.png"
    file.write_bytes(encode_png(images[0]))
    upload = store.put_image(images[1])
    spec = RealReal(
        first=f"file:{file}", second=f"upload:{upload}", connect=ConnectSettings(rounds=0)
    )
    record = run(spec, store=store)
    assert np.array_equal(record.arrays["nodes_0"], to_pixels(images))


def test_keys_follow_parameters_weights_and_images(tmp_path):
    spec = RealReal(**BARRIER)
    assert spec.key() == RealReal.from_dict(json.loads(json.dumps(spec.to_dict()))).key()
    others = [
        RealReal(first="1223", second="577"),
        RealReal(**BARRIER, points=999),
        RealReal(**BARRIER, classifier="shapes-vgg"),
        RealReal(**BARRIER, connect=ConnectSettings(rounds=3)),
    ]
    assert len({spec.key(), *(other.key() for other in others)}) == 5
    file = tmp_path / "image.png"
    keys = set()
    for index in (0, 1):
        file.write_bytes(encode_png(load_dataset("shapes").batch([index])[0]))
        keys.add(RealReal(first=f"file:{file}", second="3").key())
    assert len(keys) == 2, "another image in the same file is another experiment"


def image_of(label: str, skip: int = 0) -> str:
    data = load_dataset("shapes")
    return str(np.flatnonzero(data.labels == data.classes.index(label))[skip])


@pytest.mark.parametrize(
    ("values", "error", "words"),
    [
        ({"first": image_of("star"), "second": image_of("disc")}, ImageError, "'star'.*'disc'"),
        ({**BARRIER, "label": "star"}, ImageError, "both images as 'disc'.*not as 'star'"),
        ({"first": "5", "second": "5"}, ImageError, "identical"),
        ({"first": "99999", "second": "5"}, ParameterError, "0 to 1999"),
        ({"first": "-1", "second": "5"}, ParameterError, "0 to 1999"),
        ({"first": "file:missing.png", "second": "5"}, ImageError, "No such file"),
        ({"label": "hexagon"}, UnknownNameError, "Known: disc"),
        ({"classifier": "shapes-resnt"}, UnknownNameError, "Did you mean 'shapes-resnet'"),
        ({"dataset": "shape"}, UnknownNameError, "shapes"),
        ({"first": "upload:" + "0" * 64, "second": "5"}, IsthmusError, "upload"),
    ],
)
def test_bad_input_is_refused_in_words_and_stores_nothing(store, values, error, words):
    before = len(store.records())
    with pytest.raises(error, match=words):
        run(RealReal(**values), store=store)
    assert len([r for r in store.records() if r.kind == "real-real"]) <= before
