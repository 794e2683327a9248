"""The benchmark and its verdicts, small but real: digits, two attacks, three detectors."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from sklearn.metrics import roc_auc_score

import engine
from engine.__main__ import main
from engine.attacks.attacking import attack
from engine.attacks.gradient_sign import BimSettings, FgsmSettings, PgdSettings
from engine.attacks.settings import AttackSettings
from engine.batches import narrow
from engine.classifiers import load_classifier
from engine.detectors.connectivity import ModeConnectivitySettings
from engine.detectors.detecting import load_detector
from engine.detectors.settings import DetectorSettings
from engine.errors import DataError, ParameterError, RecordError, UnknownNameError
from engine.experiments.detection.computing.detection import draw
from engine.experiments.detection.contestants import CONTESTANTS
from engine.experiments.detection.detection import Detection
from engine.experiments.detection.paper import PAPER
from engine.experiments.detection.protocol import PUBLISHED
from engine.experiments.detection.results import ATTACK, CANNOT_JUDGE, NO_SIGN, VerdictResult
from engine.experiments.detection.verdict import Verdict
from engine.images import encode_png, to_bytes, to_pixels
from engine.progress import Cancelled
from engine.records import Store, run

STRONG = AttackSettings(
    fgsm=FgsmSettings(eps=0.2), bim=BimSettings(eps=0.1), pgd=PgdSettings(eps=0.1, steps=15)
)
FEW_POINTS = DetectorSettings(mode_connectivity=ModeConnectivitySettings(points=9))
SMALL = Detection(
    classifier="digits-vgg",
    dataset="digits",
    images=100,
    attacks=("fgsm", "bim"),
    attack=STRONG,
    settings=FEW_POINTS,
    detectors=("short-paths", "mode-connectivity"),
    references=200,
    splits=2,
    adaptive_images=16,
    altered_attacks=True,
    other_images=40,
)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return Store(tmp_path_factory.mktemp("store"), shipped=None)


@pytest.fixture(scope="module")
def record(store):
    return run(SMALL, store=store)


@pytest.fixture(scope="module")
def classifier():
    return load_classifier("digits-vgg")


def test_every_detector_is_tested_on_every_attack_in_every_split(record):
    rates = record.tables["rates"]
    detectors, trainings, pixels = 2, 3, 2
    assert len(rates) == detectors * trainings * 2 * 2 * pixels
    assert set(rates["trained"]) == {"fgsm", "bim", "all"}
    assert rates["auc"].between(0, 1).all()
    found = record.tables["intervals"]
    means = rates[rates["trained"] == "all"].groupby(["detector", "pixels", "attack"])["auc"].mean()
    for row in found[found["trained"] == "all"].itertuples():
        assert row.auc == pytest.approx(means[row.detector, row.pixels, row.attack])
        assert row.auc_low <= row.auc <= row.auc_high


def test_images_are_attacked_within_their_budget_and_success_is_counted_anew(
    record, store, classifier
):
    shards = SMALL.attacked_shards("bim")
    arrays = [run(shard, store=store).arrays for shard in shards]
    index = np.concatenate([one["index"] for one in arrays])
    images = np.concatenate([one["images"] for one in arrays])
    clean = SMALL.pictures(index)
    assert len(np.unique(index)) == SMALL.images
    assert np.abs(images - clean).max() <= 0.1 + 1e-6
    with torch.inference_mode():
        seen = [classifier(torch.from_numpy(batch)).argmax(1).numpy() for batch in (clean, images)]
    label = np.concatenate([one["label"] for one in arrays])
    assert (seen[0] == label).all()
    told = record.tables["attacks"].set_index("attack").loc["bim"]
    assert told["successful"] == (seen[1] != label).sum()


def test_a_test_image_was_never_learnt_from(store):
    judgement = SMALL.judgements()[0]
    for split in draw(judgement):
        assert not (split.testing & (split.learning | split.choosing)).any()
    assert len({split.testing.tobytes() for split in draw(judgement)}) == SMALL.splits


def test_the_fitted_detector_in_the_record_gives_the_scores_that_were_told(
    record, store, classifier
):
    detector = _fitted(store, classifier, "mode-connectivity")
    bim = run(SMALL.attacked_shards("bim")[0], store=store).arrays
    clean = detector.score(SMALL.pictures(bim["index"]))
    attacked = detector.score(bim["images"])
    truth = np.repeat([0, 1], [len(clean), len(attacked)])
    assert roc_auc_score(truth, np.concatenate([clean, attacked])) > 0.9


def _fitted(store, classifier, name):
    """The detector that the benchmark keeps."""
    (judgement,) = (one for one in SMALL.judgements() if one.name == name)
    found = run(judgement, store=store)
    fitted = {
        name.removeprefix("fitted/"): found.arrays[name]
        for name in found.arrays
        if name.startswith("fitted/")
    }
    assert all(array.dtype != object for array in fitted.values())
    return load_detector(classifier, fitted, found.summary["fitted"])


def test_a_stopped_benchmark_goes_on_from_its_parts(store, tmp_path):
    own = replace(SMALL, detectors=("input-mfs",), splits=1)
    stopped = Store(tmp_path, shipped=None)

    def stop(step, total, stage="", **_):
        if stage == "Fitting":
            raise Cancelled

    with pytest.raises(Cancelled):
        run(own, store=stopped, report=stop)
    kept = {one.key: one.created for one in stopped.records()}
    assert kept.keys() >= {part.key() for part in own.shards()[:-1]}
    again, undisturbed = run(own, store=stopped), run(own, store=store)
    assert kept.items() <= {one.key: one.created for one in stopped.records()}.items()
    for name in ("rates", "intervals", "scores", "curves", "negatives", "adaptive"):
        assert again.tables[name].equals(undisturbed.tables[name]), name


def test_a_second_benchmark_attacks_no_image_again():
    other = replace(SMALL, detectors=("input-mfs",), splits=1)
    keys = {part.key() for part in SMALL.shards()}
    assert {shard.key() for shard in other.attacked_shards("bim")} <= keys


def test_both_variants_of_mahalanobis_share_their_features():
    names = ("mahalanobis", "mahalanobis-corrected")
    one, two = ([p.key() for p in SMALL.feature_shards(name, "clean")] for name in names)
    assert one == two
    assert SMALL.contestant(names[0]) != SMALL.contestant(names[1])


def test_knowing_the_detector_does_not_harm_the_attack(record):
    told = record.tables["adaptive"].set_index("detector")
    assert set(told.index) == set(SMALL.detectors)
    assert (told["adaptive"] <= told["plain"]).all()
    assert (told["fooled"] >= 0.5).all()


def test_an_attack_without_success_is_left_out_and_none_at_all_is_refused(store):
    feeble = AttackSettings(fgsm=FgsmSettings(eps=1e-6), bim=BimSettings(eps=0.1))
    half = run(replace(SMALL, attack=feeble, detectors=("input-mfs",), splits=1), store=store)
    assert "FGSM succeeded on 0 images" in half.summary["left_out"]["fgsm"]
    assert set(half.tables["rates"]["attack"]) == {"bim"}
    with pytest.raises(DataError, match=r"nothing to detect: FGSM succeeded on 0 images"):
        run(replace(SMALL, attack=feeble, attacks=("fgsm",), detectors=("input-mfs",)), store=store)


def test_more_images_than_there_are_is_refused(store):
    with pytest.raises(DataError, match=r"classifies .* correctly\. Ask for fewer"):
        run(
            replace(SMALL, images=400, attacks=("fgsm",), detectors=("input-mfs",), splits=1),
            store=store,
        )


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"attacks": ("fgsm", "nonsense")}, "nonsense"),
        ({"attacks": ()}, "expected a list"),
        ({"detectors": ["lidd"]}, "Did you mean 'lid'"),
        ({"detectors": "all"}, "expected a list"),
        ({"learning": 0.8, "choosing": 0.2}, "leave at least 5 %"),
    ],
)
def test_wrong_parameters_are_refused_in_words(values, words):
    with pytest.raises((ParameterError, UnknownNameError), match=words):
        Detection(**values)


def test_the_paper_s_table_has_a_number_for_every_attack():
    for rows in PAPER.values():
        assert set(rows) <= set(CONTESTANTS)
        for cells in rows.values():
            assert len(cells) == len(PUBLISHED)
            for cell in cells:
                accuracy, auc = map(float, cell.split("/"))
                assert 50 < accuracy <= 100
                assert 50 < auc <= 100


@pytest.fixture(scope="module")
def twins(store, classifier, record):
    """Images of the test part that no benchmark saw, and what BIM makes of them, with 8 bits a value."""
    index, labels = _unseen(store)
    clean = SMALL.pictures(index)
    found = attack("bim", classifier, clean, labels, eps=0.1)
    won = found.success.numpy()
    return to_bytes(clean[won]), to_bytes(found.images.numpy()[won])


def _unseen(store):
    from engine.experiments.images.survey import Survey

    survey = run(Survey("digits-vgg", "digits"), store=store).arrays
    used = np.concatenate(
        [run(s, store=store).arrays["index"] for s in SMALL.attacked_shards("bim")]
    )
    right = survey["label"] == survey["prediction"]
    rows = np.flatnonzero(right & ~np.isin(survey["index"], used))[:150]
    return survey["index"][rows], survey["label"][rows]


def _verdict(store, pictures):
    names = [store.put_image(np.repeat(p, 3, axis=2) if p.shape[2] == 1 else p) for p in pictures]
    images = [f"upload:{name}" for name in names]
    return run(Verdict(benchmark=SMALL, images=images), store=store)


def test_uploaded_attacks_are_told_from_their_clean_twins(store, twins):
    clean, attacked = (_verdict(store, pictures[:20]) for pictures in twins)
    scores = [one.tables["verdicts"]["score"] for one in (clean, attacked)]
    truth = np.repeat([0, 1], [len(one) for one in scores])
    assert roc_auc_score(truth, np.concatenate(scores)) > 0.9
    assert clean.summary["attacks"] <= 4
    assert attacked.summary["attacks"] >= 15
    assert clean.summary["decider"] == "short-paths"


def test_a_verdict_gives_its_reasons(store, twins):
    record = _verdict(store, twins[1][:2])
    assert record.arrays["curves"].shape[0] == 2
    assert record.arrays["curve_bands"].shape[:2] == (2, 3)
    opinions = record.tables["opinions"]
    assert set(opinions["detector"]) == set(SMALL.detectors)
    assert opinions["false_alarm"].between(0, 1, inclusive="right").all()
    nearest = record.tables["nearest"]
    assert (nearest.groupby("image")["distance"].diff().dropna() >= 0).all()
    verdicts = record.tables["verdicts"]
    assert (verdicts["attack"] == (verdicts["false_alarm"] <= 0.05)).all()


def test_shared_features_are_those_that_each_detector_makes(classifier):
    """To the bit, for one image and for many, all detectors; of a model of all attacks what it looks at."""
    from engine.detectors.detecting import make_detector
    from engine.experiments.detection.computing.verdict import _look
    from engine.experiments.detection.computing.world import world_of
    from engine.progress import SILENT

    train = engine.load_dataset("digits", "train")
    known = (to_pixels(train.batch(np.arange(120))), train.labels[:120])
    images = torch.from_numpy(SMALL.pictures(np.arange(40)))
    fitted = {
        name: make_detector(name, classifier, known).fit(images[:20], 1 - images[:20])
        for name in engine.detectors()
    }
    world = world_of(torch.from_numpy(known[0]))
    with narrow():
        plain = {name: one.features(images[20:]) for name, one in fitted.items()}
    passes = []
    handle = classifier.network.register_forward_pre_hook(lambda *_: passes.append(1))
    for count in (1, 20):
        passes.clear()
        look = _look(fitted, images[20 : 20 + count], world, SILENT)
        if (
            count == 1
        ):  # itself, points, twice the curve; and what Mahalanobis moves, before and after
            assert len(passes) == 6
        assert list(look.features) == list(fitted)
        assert {*look.responses} > {"", "mirrored"}
        for name, one in fitted.items():
            own = one.columns("")
            assert np.array_equal(look.features[name][:, own], plain[name][:count, own])
    handle.remove()


def test_a_second_verdict_reads_no_detector_again(store, twins, monkeypatch):
    import engine.experiments.detection.computing.detection as computing

    pictures = twins[1]
    _verdict(store, pictures[:1])
    monkeypatch.setattr(computing, "load_detector", lambda *_: pytest.fail("loaded again"))
    monkeypatch.setattr(computing, "load_classifier", lambda *_: pytest.fail("loaded again"))
    one, two = (_verdict(store, pictures[k : k + 1]).tables["verdicts"] for k in (1, 2))
    both = _verdict(store, pictures[1:3]).tables["verdicts"]
    assert both["score"].tolist() == [*one["score"], *two["score"]]


@pytest.fixture(scope="module")
def foreign():
    """Pictures of another world: large, small noise, black, and one that is only a little too large."""
    draws = np.random.default_rng(0)
    large, noise = (draws.integers(0, 256, (*size, 3), np.uint8) for size in ((64, 48), (8, 8)))
    (seven,) = to_bytes(SMALL.pictures(np.array([7])))
    wider = np.repeat(seven, 3, axis=2).repeat(2, axis=0).repeat(2, axis=1)
    return [large, noise, np.zeros((8, 8, 3), np.uint8), wider]


def test_pictures_of_another_world_cannot_be_judged(store, foreign, twins):
    found = _verdict(store, foreign).found(VerdictResult)
    assert found.calls[:3] == [CANNOT_JUDGE] * 3
    beyond, doubts = (list(found.verdicts[name]) for name in ("beyond", "doubts"))
    assert "48 × 64 pixels and has been resized" in beyond[0]
    assert "unlike the clean images" in beyond[2]
    assert "16 × 16 pixels and has been resized" in doubts[3]
    assert "resized" not in "".join((*beyond[1:], *doubts[:3]))
    for pictures in twins:  # and few of its own world are left out
        assert _verdict(store, pictures[:20]).found(VerdictResult).calls.count(CANNOT_JUDGE) <= 3


def test_reasons_agree_with_the_verdict(store, twins):
    """For 100 clean pictures and their 100 twins."""
    for pictures in twins:
        found = _verdict(store, pictures[:100]).found(VerdictResult)
        assert len(found) == 100
        for k, row in found.verdicts.iterrows():
            parts = found.parts(k)
            assert (parts["part"].sum() > found.limit) == row["attack"]
            assert set(parts["group"]) == set(found.summary["groups"])
            assert list(parts["part"].abs()) == sorted(parts["part"].abs(), reverse=True)
            if found.calls[k] != CANNOT_JUDGE:
                words = "for an attack" if row["attack"] else "against an attack"
                assert f"Most speaks {words}: “{parts['group'][0]}”" in found.because(k) or (
                    (parts["part"][0] > 0) != row["attack"]
                )


def test_an_image_may_be_attacked_on_the_way(store):
    found = run(Verdict(benchmark=SMALL, images=("3", "bim:3")), store=store).found(VerdictResult)
    clean, attacked = found.images
    assert 0 < np.abs(clean - attacked).max() <= 0.1 + 1 / 255
    assert np.array_equal(attacked, to_pixels(to_bytes(attacked[None]))[0])


def test_files_uploads_and_arrays_get_the_same_verdicts(store, foreign, tmp_path, classifier):
    files = []
    for k, picture in enumerate(foreign[:3]):
        files.append(tmp_path / f"{k}.png")
        files[k].write_bytes(encode_png(picture))
    asked = {"benchmark": SMALL, "store": store}
    told = engine.detect(files, "digits-vgg", **asked).drop(columns="reference")
    uploaded = _verdict(store, foreign[:3]).found(VerdictResult).table.drop(columns="reference")
    assert told.equals(uploaded)
    own = SMALL.pictures(np.array([3, 5]))
    given = engine.detect(own, classifier, **asked)
    named = run(Verdict(benchmark=SMALL, images=("3", "5")), store=store).found(VerdictResult)
    assert given.drop(columns="reference").equals(named.table.drop(columns="reference"))


def test_a_jpeg_is_said_to_be_one_and_a_network_without_detectors_to_have_none(store, tmp_path):
    path = tmp_path / "a.jpg"
    Image.new("RGB", (8, 8)).save(path)
    told = engine.detect(path, "digits-vgg", benchmark=SMALL, store=store)
    assert "comes as a JPEG" in told["doubts"][0]
    with pytest.raises(RecordError, match=r"No detector has been fitted to digits-resnet here"):
        engine.detect(path, "digits-resnet", store=store)


def test_the_shell_says_it_with_its_exit_code(store, twins, foreign, tmp_path, monkeypatch, capsys):
    own = Store(tmp_path / "store", shipped=None)
    shutil.copytree(store.root, own.root)
    for other in (own.root / SMALL.kind).iterdir():
        if (
            other.name != SMALL.key()
        ):  # of several benchmarks of a network, the shell asks the newest
            shutil.rmtree(other)
    monkeypatch.setenv("ISTHMUS_STORE", str(own.root))
    clean, attacked = (
        engine.detect(to_pixels(pictures), "digits-vgg", benchmark=SMALL, store=own)
        for pictures in twins
    )
    pictures = {
        "clean": twins[0][list(clean["verdict"]).index(NO_SIGN)],
        "attacked": twins[1][list(attacked["verdict"]).index(ATTACK)],
        "foreign": foreign[0],
    }
    for name, picture in pictures.items():
        path = tmp_path / f"{name}.png"
        path.write_bytes(encode_png(np.repeat(picture, 4 - picture.shape[2], axis=2)[:, :, :3]))

    def shell(*names):
        files = [str(tmp_path / f"{name}.png") for name in names]
        words = ["isthmus", "detect", *files, "--classifier", "digits-vgg", "--json"]
        monkeypatch.setattr(sys, "argv", words)
        return main()

    assert shell("clean") == 0
    assert shell("clean", "attacked", "foreign") == 1
    assert shell("clean", "foreign") == 3
    capsys.readouterr()
    assert shell("clean", "missing") == 2
    assert "missing.png" in capsys.readouterr().err
    assert shell("attacked") == 1
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["verdict"], row["reference"][:5]) == (ATTACK, "file:")


def test_a_detector_is_fitted_and_told_about_from_the_shell(store, monkeypatch, capsys):
    """The command's spec, and its report, on a benchmark whose parts are there already."""
    asked = []

    def short(spec, **how):
        asked.append(spec)
        return run(replace(SMALL, detectors=("short-paths",)), store=store)

    monkeypatch.setattr("engine.judging.run", short)
    words = "isthmus fit-detector digits-vgg --dataset digits --images 90 --references 0"
    monkeypatch.setattr(sys, "argv", words.split())
    assert main() == 0
    (spec,) = asked
    assert (spec.classifier, spec.images, spec.references) == ("digits-vgg", 90, 0)
    assert (spec.attack.survive, spec.detectors) == ("8-bit", ("short-paths",))
    told = capsys.readouterr().out
    for expected in ("Short paths, fitted to digits, digits-vgg", "FGSM", "with noise of 0.05"):
        assert expected in told
    assert "Against an attack that knows it: AUC" in told


def test_the_response_to_every_short_path_is_shown(store, twins, classifier):
    """Pictures and classes of an attack are those of its points, worked out again one by one."""
    record = _verdict(store, twins[1][:3])
    detector = _fitted(store, classifier, "short-paths")
    found, image = record.found(VerdictResult), torch.from_numpy(record.arrays["images"][1:2])
    table = found.responses(1)
    with torch.no_grad():
        order = classifier(image).argsort(1, descending=True)
        points = detector.points(image, order)
        seen = {name: classifier(point).softmax(1)[0] for name, point in points.items()}
    assert sorted(table["path"]) == sorted(points)
    for row in table.to_dict("records"):
        best = int(seen[row["path"]].argmax())
        assert row["class"] == classifier.classes[best]
        assert row["probability"] == pytest.approx(float(seen[row["path"]][best]), abs=1e-3)
        assert row["kept"] == (best == int(order[0, 0]))
        whole = to_bytes(points[row["path"]][0].numpy())
        assert np.abs(found.points[1, row["picture"]].astype(int) - whole).max() <= 1
    parts = found.parts(1).set_index("group")["part"]
    assert table["part"].tolist() == [parts[f"path: {path}"] for path in table["path"]]


def test_a_verdict_on_images_of_the_set_names_them(store):
    record = run(Verdict(benchmark=SMALL, images=("3", "5")), store=store)
    assert list(record.tables["verdicts"]["reference"]) == ["3", "5"]
    own = SMALL.pictures(np.array([3, 5]))
    assert np.array_equal(record.arrays["images"], own)
    assert np.array_equal(own, to_pixels(to_bytes(own)))


def test_a_file_may_have_any_name(store, tmp_path, monkeypatch):
    """From Python and from a shell: spaces, commas and quotation marks are part of a name."""
    pixels = to_bytes(SMALL.pictures(np.array([3])))[0]
    path = tmp_path / 'my cat, 1 "and" its\' tail.png'
    path.write_bytes(encode_png(np.repeat(pixels, 3, axis=2)))
    spec = Verdict(benchmark=SMALL, images=(f"file:{path}", 3))
    record = run(spec, store=store)
    assert list(record.tables["verdicts"]["reference"]) == [f"file:{path}", "3"]
    assert np.array_equal(*record.arrays["images"])
    monkeypatch.setenv("ISTHMUS_STORE", str(store.root))
    monkeypatch.setattr(sys, "argv", shlex.split(record.command)[2:])
    assert main() == 0
    assert [one.key for one in store.records() if one.kind == "verdict" and one.spec == spec] == [
        record.key
    ]


@pytest.mark.parametrize("images", [(), ["1"] * 201])
def test_too_few_or_too_many_images_are_refused(images):
    with pytest.raises(ParameterError, match="expected a list of texts, 1 to 200 of them"):
        Verdict(images=images)
