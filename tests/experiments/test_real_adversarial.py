"""The real-adversarial record holds what it claims: K′, both paths and what 8 bits do, all judged anew."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from engine.attacks.adam import AdamSettings
from engine.attacks.gradient_sign import BimSettings, FgsmSettings
from engine.attacks.settings import AttackSettings
from engine.classifiers import load_classifier
from engine.datasets import load_dataset
from engine.errors import ImageError, ParameterError, UnknownNameError
from engine.experiments.base import Findings
from engine.experiments.images.survey import Survey
from engine.experiments.pair.computing import real_adversarial as adversarial_pair
from engine.experiments.pair.computing.attacked import MOST, Witness, choose_source
from engine.experiments.pair.real_adversarial import RealAdversarial
from engine.experiments.pair.real_real import RealReal
from engine.finders.settings import ConnectSettings
from engine.images import encode_png, to_bytes, to_pixels
from engine.paths import Polyline
from engine.places import stations
from engine.progress import SILENT
from engine.records import Store, run
from tests.networks import tiny_classifier

DISC, HEART, OTHER_DISC = "1223", "919", "666"
PICTURES = {"first": DISC, "source": HEART, "second": OTHER_DISC}
"""Shapes test images: between the first and the attacked second stands a barrier of two rounds."""

STRAIGHT = ConnectSettings(rounds=0)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return Store(tmp_path_factory.mktemp("store"))


@pytest.fixture(scope="module")
def record(store):
    return run(RealAdversarial(**PICTURES, points=300, plane_resolution=9), store=store)


@pytest.fixture(scope="module")
def classifier():
    return load_classifier("shapes-resnet")


def odds_of(classifier, images: np.ndarray) -> torch.Tensor:
    with torch.no_grad():
        return torch.log_softmax(classifier(images).double(), dim=1)


def test_k_prime_is_seen_as_it_is_said_to_be(record, classifier):
    attack, target = record.summary["attack"], record.summary["target"]
    adversarial, source = record.arrays["adversarial"], record.arrays["source"]
    odds = odds_of(classifier, adversarial[None])[0]
    assert attack["success"]
    assert int(odds.argmax()) == attack["prediction"] == target
    assert attack["probability"] == pytest.approx(float(odds[target].exp()), abs=1e-6)
    assert np.array_equal(source, to_pixels(load_dataset("shapes").batch([int(HEART)]))[0])
    assert record.summary["source"]["class"] == "heart"
    change = (adversarial - source).astype(np.float64)
    assert attack["l2"] == pytest.approx(np.linalg.norm(change), rel=1e-6)
    assert attack["linf"] == pytest.approx(np.abs(change).max(), rel=1e-6)
    assert attack["rms"] == pytest.approx(attack["l2"] / np.sqrt(change.size), rel=1e-6)
    assert attack["outside"] == 0 <= adversarial.min() <= adversarial.max() <= 1
    first = to_pixels(load_dataset("shapes").batch([int(DISC)]))[0]
    assert attack["apart"] == pytest.approx(np.linalg.norm(first - source), rel=1e-5)


def test_what_8_bits_leave_is_judged_from_the_bytes(record, classifier):
    told = record.summary["attack"]["eight_bit"]
    levels = to_bytes(record.arrays["adversarial"])
    assert levels.dtype == np.uint8
    odds = odds_of(classifier, to_pixels(levels[None]))[0]
    assert told["prediction"] == int(odds.argmax())
    assert told["probability"] == pytest.approx(float(odds.max().exp()), abs=1e-6)
    assert told["success"] == (told["prediction"] == record.summary["target"])


def test_the_straight_curve_is_that_of_plain_blends(record, classifier):
    first, last = record.arrays["nodes_0"]
    assert np.array_equal(last, record.arrays["adversarial"])
    t = record.arrays["t_0"].reshape(-1, 1, 1, 1)
    blends = (first.astype(np.float64) * (1 - t) + last.astype(np.float64) * t).astype(np.float32)
    expected = -odds_of(classifier, blends)[:, record.summary["target"]]
    off = np.abs(record.arrays["loss_0"] - expected.numpy())
    assert (off <= 0.05).all()
    assert (off <= 1e-4).sum() >= record.tables["rounds"]["measured"][0]
    assert record.summary["height_before"] == pytest.approx(float(expected.max()), abs=1e-3)
    assert record.summary["height_before"] == record.arrays["loss_0"].max()


def test_all_but_the_planes_is_stored_before_them(record, store):
    part = store.find(record.spec.joined.key())
    assert part is not None
    assert {*record.arrays} - {*part.arrays} == {one for one in record.arrays if "plane" in one}
    for name in part.arrays:
        assert np.array_equal(part.arrays[name], record.arrays[name])
    assert part.summary == record.summary


def test_the_path_is_connected_on_a_grid_finer_than_any_that_was_used(record, classifier):
    summary = record.summary
    assert summary["connected"]
    assert summary["rounds"] == 2 > summary["real"]["rounds"]
    path = Polyline(record.arrays[f"nodes_{summary['rounds']}"])
    images = path.sample(3 * summary["verified_points"] + 1)
    with torch.no_grad():
        targets = torch.full((len(images),), summary["target"])
        loss = F.cross_entropy(classifier(images), targets, reduction="none")
    assert float(loss.max()) <= 1.02 * summary["limit"]


def test_the_real_pair_is_what_real_real_finds(record, store):
    alone = run(
        RealReal(first=DISC, second=OTHER_DISC, points=300, plane_resolution=0), store=store
    )
    assert record.summary["real"]["rounds"] == alone.summary["rounds"]
    for name in alone.arrays:
        assert np.array_equal(record.arrays[f"real_{name}"], alone.arrays[name]), name
    assert record.tables["real_rounds"].equals(alone.tables["rounds"])


def test_the_plane_of_the_attack_has_its_pictures_at_their_distances(record):
    spots = record.arrays["attack_plane_nodes"]
    first, source, result = (
        record.arrays["nodes_0"][0],
        record.arrays["source"],
        record.arrays["adversarial"],
    )
    for (i, a), (j, b) in [((0, first), (1, source)), ((1, source), (2, result))]:
        assert np.linalg.norm(spots[i] - spots[j]) == pytest.approx(np.linalg.norm(a - b), rel=1e-4)
    assert record.arrays["attack_plane_offset"] == pytest.approx([0, 0, 0], abs=1e-3)
    assert record.arrays["attack_plane_loss"].shape == (9, 9)


def test_the_trace_of_the_attack_falls(record):
    loss = record.tables["attack_trace"]["loss"]
    assert loss.iloc[0] > 1
    assert loss.iloc[-1] < 0.01
    assert len(loss) == record.summary["attack"]["forward_passes"]


def test_the_steps_lead_from_k_to_k_prime_and_are_seen_as_they_say(record, classifier):
    pictures, steps = record.result.attack_pictures, record.result.attack_steps
    assert len(pictures) == len(steps) <= MOST
    assert np.array_equal(pictures[0], to_bytes(record.arrays["source"]))
    assert np.array_equal(pictures[-1], to_bytes(record.arrays["adversarial"]))
    assert steps["look"].is_monotonic_increasing
    odds = odds_of(classifier, to_pixels(pictures)).exp().numpy()
    summary = record.summary
    for name, label in ("source", summary["source"]["prediction"]), ("reached", summary["target"]):
        # The record judged the pictures before they were rounded to 8 bits.
        assert steps[name].to_numpy() == pytest.approx(odds[:, label], abs=0.05)
    assert steps["reached"].iloc[-1] == pytest.approx(summary["attack"]["probability"], abs=1e-5)


def test_a_long_attack_keeps_few_steps_evenly_spread(classifier):
    witness = Witness(classifier)
    images = torch.linspace(0, 1, 1000).view(-1, 1, 1, 1, 1).expand(-1, 1, 3, 32, 32)
    held = 0
    for image in images:
        witness.forward(image)
        held = max(held, len(witness.kept))
    pictures, steps = witness.steps(0, 1, images[-1, 0])
    assert held < 2 * MOST
    assert MOST / 2 <= len(pictures) <= MOST
    assert np.ptp(np.diff(steps["look"])[:-1]) <= 2 * witness.stride


def test_the_same_spec_gives_the_same_bits(record, tmp_path):
    again = run(record.spec, store=Store(tmp_path, shipped=None))
    assert again.key == record.key
    for name in record.arrays:
        assert np.array_equal(again.arrays[name], record.arrays[name]), name


def test_without_pictures_the_curves_are_the_same_and_no_picture_is_kept(record, store):
    bare = run(replace(record.spec, keep_pictures=False), store=store)
    assert not [
        n for n in bare.arrays if "nodes_" in n or n in {"source", "adversarial", "attack_pictures"}
    ]
    pixels = record.arrays["source"].size
    assert max(array.size for name, array in bare.arrays.items()) < pixels / 2
    for number in range(record.summary["rounds"] + 1):
        nodes = record.arrays[f"nodes_{number}"]
        assert np.array_equal(bare.arrays[f"stations_{number}"], stations(nodes))
        assert np.array_equal(bare.arrays[f"loss_{number}"], record.arrays[f"loss_{number}"])
    assert bare.summary["attack"]["l2"] == record.summary["attack"]["l2"]


def test_an_open_source_is_the_surest_picture_of_a_class_that_the_seed_draws(store, classifier):
    data = load_dataset("shapes")
    drawn = set()
    quick = RealAdversarial(
        first=DISC,
        second=OTHER_DISC,
        attack=AttackSettings(adam=AdamSettings(iterations=60)),
        connect=STRAIGHT,
        points=50,
        plane_resolution=0,
    )
    for seed in range(3):
        source = run(replace(quick, seed=seed), store=store).summary["source"]
        drawn.add(source["class"])
        rows = np.flatnonzero(data.labels == data.classes.index(source["class"]))
        losses = -odds_of(classifier, to_pixels(data.batch(rows)))[:, source["prediction"]]
        assert source["loss"] == pytest.approx(float(losses.min()), abs=1e-6)
    assert "disc" not in drawn
    assert len(drawn) > 1


def test_without_an_aim_a_and_c_are_of_the_class_that_k_prime_lands_in(store, classifier):
    spec = RealAdversarial(
        source=HEART,
        attack=AttackSettings(method="deepfool"),
        targeted=False,
        connect=STRAIGHT,
        plane_resolution=0,
    )
    record = run(spec, store=store)
    landed = int(odds_of(classifier, record.arrays["adversarial"][None]).argmax())
    assert classifier.classes[landed] != "heart"
    assert record.summary["target"] == landed
    assert record.tables["attack_trace"].empty
    for end in record.arrays["nodes_0"][0], record.arrays["real_nodes_0"][1]:
        assert int(odds_of(classifier, end[None]).argmax()) == landed


def bim(eps: float) -> AttackSettings:
    return AttackSettings(method="bim", bim=BimSettings(eps=eps))


def misclassified(label: str) -> str:
    """An image that is seen as `label` and is something else."""
    found = Store().find(Survey().key()).arrays
    seen = load_dataset("shapes").classes.index(label)
    wrong = (found["label"] != found["prediction"]) & (found["prediction"] != seen)
    return str(found["index"][np.flatnonzero(wrong)[0]])


@pytest.mark.parametrize(
    ("values", "error", "words"),
    [
        (
            {"source": misclassified("disc")},
            ImageError,
            "misclassified as it is.*correctly classified",
        ),
        ({"source": "535"}, ImageError, "'disc'.*another class than A's: choose one"),
        ({"attack": bim(0.002)}, ImageError, "BIM did not take K to 'disc'.*larger eps or more"),
        (
            {"attack": AttackSettings(adam=AdamSettings(iterations=2))},
            ImageError,
            "seen as 'heart'.*more iterations",
        ),
        (
            {"source": "550", "attack": bim(0.05), "targeted": False},
            ImageError,
            "took K to '.*', and A is of the class 'disc'.*Leave A, C and their class open",
        ),
        ({"second": HEART}, ImageError, "choose two that it gives the same label"),
        ({"second": DISC}, ImageError, "A and C are the same image"),
        ({"source": "99999"}, ParameterError, "0 to 1999"),
        ({"source": "file:missing.png"}, ImageError, "No such file"),
        ({"label": "star"}, ImageError, "both images as 'disc'.*not as 'star'"),
        ({"label": "hexagon"}, UnknownNameError, "Known: disc"),
    ],
)
def test_bad_input_is_refused_in_words_and_stores_nothing(store, values, error, words):
    before = {record.key for record in store.records()}
    with pytest.raises(error, match=words):
        run(RealAdversarial(**{**PICTURES, "plane_resolution": 0, **values}), store=store)
    assert {record.key for record in store.records()} == before


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"fgsm": {"eps": 0}}, "eps: expected a number, 1e-06 to 1 pixel range, got 0.0"),
        ({"adam": {"iterations": 0}}, "iterations: expected a whole number, 1 to 100,000 steps"),
    ],
)
def test_a_budget_of_nothing_is_refused(values, words):
    with pytest.raises(ParameterError, match=words):
        RealAdversarial.from_dict({"attack": values})


def test_an_attack_that_cannot_be_aimed_says_so_before_anything_is_computed():
    with pytest.raises(ParameterError, match=r"DeepFool cannot be aimed.*Turn targeted off"):
        RealAdversarial(attack=AttackSettings(method="deepfool"))
    with pytest.raises(ParameterError, match=r"Targeted Adam always aims.*Leave targeted on"):
        RealAdversarial(targeted=False)


def test_two_classes_are_enough(store, monkeypatch):
    network = tiny_classifier((3, 32, 32), classes=2)
    network.card = replace(network.card, classes=("0", "1"))  # which say nothing of what it sees
    monkeypatch.setattr(adversarial_pair, "load_classifier", lambda *a, **k: network)
    seen = odds_of(network, to_pixels(load_dataset("shapes").batch(range(100)))).argmax(1).numpy()
    first, second = np.flatnonzero(seen == 0)[:2]
    spec = RealAdversarial(
        first=str(first),
        source=str(np.flatnonzero(seen == 1)[0]),
        second=str(second),
        attack=AttackSettings(method="fgsm", fgsm=FgsmSettings(eps=0.5)),
        connect=STRAIGHT,
        plane_resolution=0,
    )
    record = run(spec, store=Store(store.root / "two", shipped=None))
    assert record.summary["source"]["class"] == "1"
    assert odds_of(network, record.arrays["adversarial"][None]).argmax() == 0


def test_where_all_is_one_class_there_is_nothing_to_attack():
    class OneClass:
        def findings_of(self, spec, report):
            zeros = np.zeros(5, np.int64)
            return Findings({"prediction": zeros, "label": zeros - 1, "loss": zeros * 0.0})

    with pytest.raises(
        ImageError,
        match="No image of the set is correctly classified by tiny as another class than 'a'",
    ):
        choose_source(RealAdversarial(), tiny_classifier(), OneClass(), 0, SILENT)


def test_a_class_with_one_picture_is_attacked_without_a_real_pair_beside_it(tmp_path):
    data = load_dataset("digits")
    for label in (3, 5):
        folder = tmp_path / "set" / str(label)
        folder.mkdir(parents=True)
        found = Store().find(Survey("digits-resnet", "digits").key()).result
        row = found.by_class[str(label)][0]
        (folder / "only.png").write_bytes(encode_png(data.images[found.index[row]]))
    spec = RealAdversarial(
        classifier="digits-resnet",
        dataset=f"folder:{tmp_path / 'set'}",
        label="3",
        connect=ConnectSettings(rounds=0),
        points=50,
        plane_resolution=0,
    )
    record = run(spec, store=Store(tmp_path / "store", shipped=None))
    assert record.result.real is None
    assert record.summary["second"] is None
    assert record.summary["attack"]["success"]
    assert not [name for name in record.arrays if name.startswith("real_")]
