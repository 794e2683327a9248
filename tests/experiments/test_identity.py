"""A key is exactly what the numbers depend on: no more, no less."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from engine.attacks import ATTACKS
from engine.attacks.gradient_sign import BimSettings
from engine.attacks.minimal import CarliniWagnerSettings
from engine.attacks.settings import AttackSettings
from engine.detectors.connectivity import ModeConnectivitySettings
from engine.detectors.lid import LidSettings
from engine.detectors.settings import DetectorSettings
from engine.detectors.spectra import LayerSpectrumSettings
from engine.errors import ParameterError
from engine.experiments import base, spec_class
from engine.experiments.detection.contestants import CONTESTANTS
from engine.experiments.detection.detection import Detection
from engine.experiments.detection.verdict import Verdict
from engine.experiments.pair.real_adversarial import RealAdversarial
from engine.experiments.pair.real_real import RealReal
from engine.experiments.population.pair_statistics import AttackPopulations, PairStatistics
from engine.experiments.theory.conjecture import Conjecture
from engine.finders import FINDERS
from engine.finders.settings import MEASURING, ConnectSettings
from engine.parameters import fields_of
from engine.records import Store, run
from engine.records import folder as files
from engine.records.command import command_of
from engine.records.names import uploads_in
from tests.kinds import KINDS

OTHER_STEPS = CarliniWagnerSettings(steps=7)
DIGITS = {"classifier": "digits-resnet", "dataset": "digits", "first": "253", "second": "257"}


@pytest.mark.parametrize("method", [n for n in ATTACKS if not n.startswith("cw")])
def test_settings_of_another_attack_make_no_difference(method):
    one = RealAdversarial(
        attack=AttackSettings(method=method), targeted=ATTACKS[method].aims != "never"
    )
    other = replace(one, attack=replace(one.attack, cw=OTHER_STEPS))
    assert one == other
    assert one.key() == other.key()
    assert "cw" not in one.canonical()
    chosen = replace(one, attack=AttackSettings(method="cw", cw=OTHER_STEPS), targeted=True)
    assert chosen.key() != replace(chosen, attack=AttackSettings(method="cw")).key()


def test_what_an_attack_survives_counts_where_it_survives_anything():
    """Keys of the time before it could are those of attacks that survive nothing."""
    plain, kept = AttackSettings(method="fgsm"), AttackSettings(method="fgsm", survive="8-bit")
    assert "survive" not in plain.relevant()
    one, other = (Detection(attacks=("fgsm",), attack=attack) for attack in (plain, kept))
    assert one.key() != other.key()
    for sample, alike in (("attacked", True), ("rounded", False)):
        parts = [spec.attacked_shards("fgsm", sample)[0].key() for spec in (one, other)]
        assert (parts[0] == parts[1]) == alike


def test_real_pairs_do_not_depend_on_the_attack():
    one = PairStatistics(pairs=20)
    other = replace(one, attack=AttackSettings(method="fgsm"), targeted=False)
    branch = {spec.key(): [part.key() for part in spec.shards()] for spec in (one, other)}
    (mine, theirs) = branch.values()
    real = [part.branch == "real" for part in one.shards()]
    assert [a == b for a, b in zip(mine, theirs, strict=True)] == real
    assert set(real) == {True, False}


def test_all_attacks_count_where_all_are_made():
    one = AttackPopulations(pairs=20)
    assert one.key() != replace(one, attack=replace(one.attack, cw=OTHER_STEPS)).key()
    assert one.key() == replace(one, attack=replace(one.attack, method="bim")).key()


def test_a_benchmark_depends_on_what_takes_part():
    one = Detection(attacks=("fgsm", "pgd"), detectors=("lid", "input-mfs"))
    other = replace(
        one,
        attack=AttackSettings(method="pgd", bim=BimSettings(eps=0.3), cw=OTHER_STEPS),
        settings=DetectorSettings(mode_connectivity=ModeConnectivitySettings(points=5)),
    )
    assert one.key() == other.key()
    assert Verdict(benchmark=one).key() == Verdict(benchmark=other).key()
    assert one.key() != replace(one, settings=DetectorSettings(lid=LidSettings(neighbours=5))).key()
    lid, input_mfs = one.judgements()
    mine, theirs = replace(
        one, settings=DetectorSettings(lid=LidSettings(neighbours=5))
    ).judgements()
    assert (lid.key() == mine.key(), input_mfs.key() == theirs.key()) == (False, True)


def test_the_attack_that_knows_the_detector_has_pgds_budget():
    one = Detection(attacks=("fgsm",), adaptive_images=10)
    other = replace(one, attack=AttackSettings(pgd=replace(one.attack.pgd, eps=0.1)))
    assert one.key() != other.key()
    assert replace(one, adaptive_images=0).key() == replace(other, adaptive_images=0).key()


def test_all_detectors_compete_and_their_names_are_in_the_key():
    one = Detection()
    assert one == Detection(detectors=list(CONTESTANTS))
    assert json.loads(one.canonical())["detectors"] == list(CONTESTANTS)


def test_order_and_repetition_count_only_where_they_make_a_difference():
    one = Detection(attacks=("cw", "fgsm", "cw"), detectors=("short-paths", "lid"))
    assert one == Detection(attacks=("fgsm", "cw"), detectors=("lid", "short-paths"))
    assert Conjecture(tolerances=(0.5, 0.2, 0.5)).key() == Conjecture(tolerances=(0.2, 0.5)).key()
    assert Verdict(images=("3", "5")).key() != Verdict(images=("5", "3")).key()


def test_a_number_names_the_same_image_as_its_text():
    assert RealReal(first=257) == RealReal(first="257")
    assert RealReal(first=257).key() == RealReal(first="257").key()
    assert Verdict(images=range(3)) == Verdict(images=("0", "1", "2"))


def test_a_record_s_uploads_are_those_of_its_lists_too():
    one, other = ("0" * 64, "a" * 64)
    spec = Verdict(images=(f"upload:{one}", "3", f"upload:{other}"))
    assert uploads_in(spec.canonical()) == {one, other}


OLD_BENCHMARK = {"attacks": "fgsm,cw", "detectors": "lid,input-mfs", "images": 60}
OLD = {
    "conjecture": ({"tolerances": "0.05 0.2"}, Conjecture(tolerances=(0.05, 0.2))),
    "detection": (
        OLD_BENCHMARK,
        Detection(attacks=("fgsm", "cw"), detectors=("lid", "input-mfs"), images=60),
    ),
    "verdict": (
        {"images": "3 file:a,b.png", "benchmark": OLD_BENCHMARK},
        Verdict(
            images=("3", "file:a,b.png"),
            benchmark=Detection(attacks=("fgsm", "cw"), detectors=("lid", "input-mfs"), images=60),
        ),
    ),
}
"""Documents of the time when lists were texts, and what they mean."""


@pytest.mark.parametrize("kind", OLD)
def test_a_record_from_when_lists_were_texts_still_opens(kind, tmp_path, monkeypatch):
    document, spec = OLD[kind]
    canonical = base.canonical_json({"kind": kind, **document})
    folder = tmp_path / kind / base.key_of(canonical, spec.revision, {})
    folder.mkdir(parents=True)
    with monkeypatch.context() as then:
        then.setattr(type(spec), "canonical", lambda _: canonical)
        found = base.Findings(summary={"of": kind})
        files.write_record(folder, spec, found, {"revision": spec.revision, "digests": {}})
    read = Store(tmp_path, shipped=None).find(folder.name)
    assert read.damage == ""
    assert read.spec == spec
    assert read.command == command_of(spec)
    assert read.summary == {"of": kind}


def test_an_old_text_that_is_no_list_is_refused_in_words():
    with pytest.raises(ParameterError, match="expected a list of numbers"):
        Conjecture.from_document({"tolerances": "0.1 much"})
    with pytest.raises(ParameterError, match="expected Detection, got 'x'"):
        Verdict.from_document({"benchmark": "x"})


def test_a_kernels_settings_count_where_there_is_a_kernel():
    wide = LayerSpectrumSettings(gamma=0.5)
    keys = {
        Detection(detectors=("layer-mfs",), settings=DetectorSettings(layer_mfs=settings)).key()
        for settings in (LayerSpectrumSettings(), wide, replace(wide, model="kernel"))
    }
    assert len(keys) == 2


def test_a_spec_comes_back_from_its_canonical_json():
    for kind in KINDS:
        spec = spec_class(kind)()
        assert spec_class(kind).from_dict(spec.relevant()) == spec
        assert spec_class(kind).from_dict(spec.to_dict()) == spec


def test_the_revision_is_part_of_the_key(monkeypatch):
    before = RealReal(**DIGITS).key()
    monkeypatch.setattr(RealReal, "revision", RealReal.revision + 1)
    assert RealReal(**DIGITS).key() != before


def test_a_record_of_an_older_revision_can_be_read_and_says_so(tmp_path, monkeypatch):
    store = Store(tmp_path, shipped=None)
    spec = RealReal(**DIGITS, points=50, plane_resolution=0, connect=ConnectSettings(rounds=0))
    old = run(spec, store=store)
    assert not old.outdated
    monkeypatch.setattr(RealReal, "revision", RealReal.revision + 1)
    read = store.find(old.key)
    assert read is not None
    assert read.outdated
    assert "older revision" in read.words
    np.testing.assert_array_equal(read.arrays["loss_0"], old.arrays["loss_0"])
    new = run(spec, store=store)
    assert new.key != old.key
    assert not new.outdated


def test_the_key_is_that_of_its_parts():
    spec = RealReal(**DIGITS)
    assert spec.key() == base.key_of(spec.canonical(), spec.revision, spec.digests())


CHANGED = {
    "deviation_weight": 3.0,
    "high_frequency_weight": 1e-3,
    "clamp": True,
    "bends": 2,
    "seed": 5,
    "patience": 4,
    "stop": "iterations",
    "iterations": 20,
    "learning_rate": 0.02,
    "precision": "bfloat16",
    "longest_stride": 4,
    "method": "neb",
}
"""Another value for each setting of a search."""


@pytest.mark.parametrize("method", FINDERS)
def test_settings_that_a_finder_does_not_use_change_nothing_of_its_path(method, tmp_path):
    """What is left out of the key is shown, by running it, to leave every number as it is."""
    from engine.classifiers import load_classifier
    from engine.datasets import load_dataset
    from engine.finders.connecting import connect
    from engine.images import to_pixels

    classifier = load_classifier("digits-resnet")
    data = load_dataset("digits")
    a, c = to_pixels(data.images[[253, 257]])
    target = int(classifier(a[None]).argmax())
    base_settings = ConnectSettings(method=method, iterations=24, rounds=1)
    expected = connect(classifier, a, c, target, base_settings)
    idle = set(base_settings.to_dict()) - set(base_settings.relevant())
    assert idle
    for name in idle:
        found = connect(classifier, a, c, target, replace(base_settings, **{name: CHANGED[name]}))
        np.testing.assert_array_equal(found.path.nodes, expected.path.nodes, err_msg=name)


def test_only_what_measures_counts_where_nothing_is_searched():
    straight = ConnectSettings(rounds=0)
    assert set(straight.relevant()) == set(MEASURING)
    known = {field.name for field in fields_of(ConnectSettings)}
    assert known == {*MEASURING, *CHANGED}
    for name, value in CHANGED.items():
        one = RealReal(**DIGITS, connect=straight)
        assert one.key() == replace(one, connect=replace(straight, **{name: value})).key()
