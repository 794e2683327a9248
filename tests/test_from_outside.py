"""An attack, a detector and a path finder that no file of the product knows take part in everything."""

from __future__ import annotations

import dataclasses
import json
import re
import shlex
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
import tyro
from streamlit.testing.v1 import AppTest

import engine
from engine.__main__ import main
from engine.attacks import ATTACKS
from engine.attacks.base import Attack, Batch, Outcome
from engine.attacks.settings import AttackSettings
from engine.detectors import DETECTORS
from engine.detectors.base import Detector
from engine.detectors.settings import DetectorSettings, Variant
from engine.errors import ParameterError, UnknownNameError
from engine.experiments.detection.contestants import CONTESTANTS, decider_of, why_it_decides
from engine.experiments.detection.detection import Detection
from engine.experiments.detection.verdict import Verdict
from engine.experiments.pair.real_adversarial import RealAdversarial
from engine.experiments.pair.real_real import RealReal
from engine.experiments.population.pair_statistics import AttackPopulations, PairStatistics
from engine.experiments.population.shards import Forecast
from engine.finders import FINDERS
from engine.finders.search import PathProblem, WholePathSettings
from engine.finders.settings import ConnectSettings
from engine.options import options_of
from engine.parameters import Parameter, Parameters, fields_of, parameter, within
from engine.records import Store, run
from engine.records.command import flags_of
from tests.attacks import test_contract as attack_contract
from tests.detectors import test_contract as detector_contract
from tests.networks import random_images, tiny_classifier
from tests.pages.conftest import app, queue, store  # noqa: F401 - fixtures

README = Path(engine.__file__).with_name("README.md")
DIGITS = {"classifier": "digits-vgg", "dataset": "digits"}


@dataclass(frozen=True)
class ToyAttackSettings(Parameters):
    """A toy: the picture fades into its negative."""

    size: int = parameter(90, "How far it fades.", within(1, 100, "percent"))


@dataclass(frozen=True)
class ToyDetectorSettings(Parameters):
    """A toy: mean and spread of the pixels."""

    variant: Variant = "corrected"
    power: float = parameter(2.0, "Power of the pixels.", within(0.1, 9))


@dataclass(frozen=True)
class ToyFinderSettings(WholePathSettings):
    """A toy: free nodes that are drawn to each other."""

    pull: float = parameter(0.1, "Weight of the path's length.", within(0, 9))


def declare() -> None:
    """What somebody writes who adds one of each, here all in one file that no product file names."""

    class ToyAttack(Attack):
        name = "toy"
        title = "Toy fading"
        settings_class = ToyAttackSettings
        aims = "never"
        norm = "l2"
        remedy = "a larger size"

        def gradients(self) -> float:
            return 3.0 * self.settings.size

        def run(self, batch: Batch) -> Outcome:
            model, share = batch.count_passes(1), self.settings.size / 100
            model(batch.images)
            return Outcome.of(torch.lerp(batch.images, 1 - batch.images, share), model)

    class ToyDetector(Detector):
        name = "toy"
        title = "Toy brightness"
        settings_class = ToyDetectorSettings
        authority = 9
        sight = "it is a toy"
        forward_passes = 0

        def compute_features(self, images: torch.Tensor) -> torch.Tensor:
            flat = images.flatten(1) ** self.settings.power
            return torch.stack([flat.mean(1), flat.std(1)], dim=1)

    class ToyFinder(PathProblem):
        name = "toy"
        title = "Toy band"
        settings_class = ToyFinderSettings

        def images(self, variables: torch.Tensor, step: int) -> torch.Tensor:
            return variables.flatten(0, 1)

        def values(
            self, images: torch.Tensor, logits: torch.Tensor
        ) -> tuple[torch.Tensor, torch.Tensor]:
            free = len(images) // len(self.tasks)
            targets = self.tasks.targets.repeat_interleave(free)
            losses = F.cross_entropy(logits, targets, reduction="none").reshape(-1, free)
            path = self.nodes(images.reshape(len(self.tasks), free, *images.shape[1:]))
            length = path.diff(dim=1).square().flatten(1).mean(1)
            return losses.sum(1) + self.settings.pull * length, losses.amax(1)


def specs() -> list[Any]:
    """Specs that use no toy."""
    return [
        RealAdversarial(**DIGITS, attack=AttackSettings(method="bim"), targeted=False),
        RealReal(**DIGITS, first="253", second="257", connect=ConnectSettings(method="neb")),
        PairStatistics(**DIGITS, pairs=3),
        Detection(**DIGITS, images=60, detectors=("lid", "ensemble")),
    ]


KEYS = [spec.key() for spec in specs()]
"""Their keys before there were toys."""


@pytest.fixture(scope="module", autouse=True)
def _toys() -> Iterator[None]:
    with ATTACKS.guests(), DETECTORS.guests(), FINDERS.guests():
        declare()
        yield


@pytest.fixture(scope="module")
def clf() -> engine.Classifier:
    return engine.load_classifier("digits-vgg", "cpu")


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store of these tests' own."""
    return Store(tmp_path_factory.mktemp("own"), shipped=None)


def test_they_are_listed_last_and_gone_afterwards() -> None:
    for room, methods in (
        (engine.attacks, ATTACKS),
        (engine.detectors, DETECTORS),
        (engine.finders, FINDERS),
    ):
        assert room()[-1] == "toy"
        with methods.guests():
            type(f"Guest{methods.noun}", (methods["toy"],), {"name": "guest", "place": 1})
            assert room()[0] == "guest"
        assert "guest" not in room()
    assert engine.ToyAttackSettings is ToyAttackSettings


def test_the_readme_s_example_is_found_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clf: engine.Classifier
) -> None:
    """As one file in the attacks' room, which is looked through anew for it."""
    (code,) = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), flags=re.DOTALL)
    (tmp_path / "fading.py").write_text(code)
    monkeypatch.setattr(engine.attacks, "__path__", [*engine.attacks.__path__, str(tmp_path)])
    with ATTACKS.guests():
        monkeypatch.setattr(ATTACKS, "_open", False)
        assert "fade" in engine.attacks()
        pixels, labels = engine.load_dataset("digits")[:20]
        result = engine.attack("fade", clf, pixels, labels, share=1.0)
        np.testing.assert_allclose(result.images[result.eligible], 1 - pixels[result.eligible])
        options = tyro.cli(options_of(AttackSettings), args=["--fade.share", "0.5"])
        assert options.fade.share == 0.5
    monkeypatch.delitem(sys.modules, "engine.attacks.fading")


def test_one_that_lacks_something_is_refused() -> None:
    with pytest.raises(TypeError, match=r"does not say its title .*its norm and its remedy"):
        type("Bare", (Attack,), {"name": "bare", "aims": "may"})
    with pytest.raises(TypeError, match="are both called 'adam'"):
        type("Second", (ATTACKS["toy"],), {"name": "adam"})
    assert "bare" not in ATTACKS
    with FINDERS.guests():
        clash = dataclasses.make_dataclass(
            "Clash",
            [("bends", Annotated[float, Parameter("Not nodes.")], 2.0)],
            bases=(Parameters,),
            frozen=True,
        )
        type("Clashing", (FINDERS["toy"],), {"name": "clash", "settings_class": clash})
        with pytest.raises(TypeError, match="bends is the name of another setting"):
            ConnectSettings()


def test_keys_of_what_uses_no_toy_stay() -> None:
    assert [spec.key() for spec in specs()] == KEYS
    assert not any("toy" in spec.canonical() for spec in specs())


def test_settings_take_theirs_and_refuse_what_is_wrong() -> None:
    chosen = AttackSettings(method="toy", toy=ToyAttackSettings(size=3))
    assert chosen.relevant() == {"method": "toy", "toy": {"size": 3}}
    assert AttackSettings.from_dict(json.loads(json.dumps(chosen.to_dict()))) == chosen
    other = dataclasses.replace(chosen, method="bim")
    assert (other.method, other.toy.size) == ("bim", 3)
    assert other != AttackSettings(method="bim")
    assert "toy" in fields_of(AttackSettings)[0].choices
    for wrong, told in (({"size": 0}, "1 to 100 percent"), ({"size": "a"}, "a whole number")):
        with pytest.raises(ParameterError, match=told):
            chosen.with_values({"toy": wrong})
    with pytest.raises(UnknownNameError, match=r"method 'tay'\. Did you mean 'toy'"):
        AttackSettings(method="tay")
    with pytest.raises(ParameterError, match="Toy fading cannot be aimed"):
        RealAdversarial(attack=chosen)
    assert DetectorSettings(toy=ToyDetectorSettings(power=3)).of("toy").power == 3
    assert ConnectSettings(method="toy", pull=3).relevant()["pull"] == 3
    assert "pull" not in ConnectSettings(pull=3).relevant()


def test_an_instance_made_before_has_them_as_they_are_by_default() -> None:
    before = AttackSettings(method="fgsm")
    with ATTACKS.guests():
        type("Late", (ATTACKS["toy"],), {"name": "late"})
        assert before.late == ToyAttackSettings()
        assert before == AttackSettings(method="fgsm")
        assert before.with_values({"late": {"size": 4}}).late.size == 4


def test_the_shell_has_options_for_them(
    own: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = "--attack.method toy --attack.toy.size 80 --no-targeted --connect.method toy --connect.pull 0.5"
    options = tyro.cli(options_of(RealAdversarial), args=words.split())
    spec = RealAdversarial.from_dict(dataclasses.asdict(options))
    assert (spec.attack.chosen.size, spec.connect.pull) == (80, 0.5)
    told = [word for flag in flags_of(spec) for word in shlex.split(flag)]
    assert sorted(told) == sorted(words.split())
    monkeypatch.setenv("ISTHMUS_STORE", str(own.root))
    small = "--classifier digits-vgg --dataset digits --points 50 --plane-resolution 0 --connect.rounds 1"
    monkeypatch.setattr(
        sys, "argv", ["", "run", "real-adversarial", *words.split(), *small.split()]
    )
    assert main() == 0
    (record,) = (one for one in own.records() if one.kind == RealAdversarial.kind)
    assert record.key in capsys.readouterr().out
    monkeypatch.setattr(sys, "argv", ["", "run", "real-adversarial", "--help"])
    with pytest.raises(SystemExit):
        main()
    assert "--attack.toy.size" in capsys.readouterr().out


def test_an_attack_keeps_the_contract() -> None:
    classifier, images = tiny_classifier(), random_images(20)
    labels = classifier(images).argmax(1)
    labels[attack_contract.WRONG] = (labels[attack_contract.WRONG] + 1) % 4
    results = {"toy": engine.attack("toy", classifier, images, labels, size=95)}
    contract = attack_contract
    contract.test_an_attack_says_all_that_is_asked_of_it()
    contract.test_success_and_loss_are_those_of_a_pass_of_our_own(
        classifier, images, labels, results, "toy"
    )
    contract.test_shapes_range_and_distances(images, results, "toy")
    contract.test_a_misclassified_image_is_left_alone(images, results, "toy")
    contract.test_no_bit_depends_on_the_company(classifier, "toy")
    assert results["toy"].status.startswith("Toy fading changed the label of")


def test_an_experiment_attacks_with_it(own: Store) -> None:
    spec = RealAdversarial(
        **DIGITS,
        attack=AttackSettings(method="toy", toy=ToyAttackSettings(size=100)),
        targeted=False,
        connect=ConnectSettings(rounds=0),
        points=50,
        plane_resolution=0,
    )
    record = run(spec, store=own)
    assert record.summary["attack"]["name"] == "toy"
    assert '"toy":{"size":100}' in spec.canonical()
    weak = dataclasses.replace(spec, attack=AttackSettings(method="toy", toy=ToyAttackSettings(1)))
    assert weak.key() != spec.key()
    with pytest.raises(engine.IsthmusError, match=r"Toy fading did not .*Try a larger size"):
        run(weak, store=own)


def test_populations_and_their_forecast_count_it(own: Store) -> None:
    one = PairStatistics(**DIGITS, pairs=3, attack=AttackSettings(method="toy"), targeted=False)
    assert "Toy fading" in one.words()
    every = AttackPopulations(**DIGITS, pairs=3)
    assert every.populations()["toy"].attack.method == "toy"
    assert not every.populations()["toy"].targeted
    for spec in (Forecast.of(one), Forecast.of(every, every_attack=True)):
        told = run(spec, store=own).summary["devices"]["cpu"]["adversarial_s"]
        assert told["toy"] > 0
    assert told["toy"] > told["fgsm"]


def test_a_detector_keeps_the_contract(clf: engine.Classifier) -> None:
    data = engine.load_dataset("digits")
    detector = engine.make_detector("toy", clf, data, power=1.5)
    assert (detector.title, detector.settings.power) == ("Toy brightness", 1.5)
    pixels, labels = data[:80]
    attacked = engine.attack("toy", clf, pixels, labels, size=100).images
    detector.fit(pixels, attacked)
    assert (detector.score(attacked) > 0.5).mean() > 0.9
    loaded = engine.load_detector(clf, *detector.state())
    np.testing.assert_array_equal(loaded.score(pixels), detector.score(pixels))
    detector_contract.test_a_detector_says_all_that_is_asked_of_it()


def test_its_variants_compete_and_decide() -> None:
    assert list(CONTESTANTS)[-2:] == ["toy", "toy-corrected"]
    assert {"toy", "toy-corrected"} <= set(Detection().detectors)
    assert CONTESTANTS["toy"].title == "Toy brightness as published"
    assert CONTESTANTS["toy-corrected"].title == "Toy brightness corrected"
    assert decider_of(["lid", "ensemble", "toy-corrected"]) == "toy-corrected"
    assert why_it_decides("toy") == "decides wherever a benchmark has it, since it is a toy"
    assert "no Toy brightness, since" in why_it_decides("ensemble")
    assert "neither Toy brightness nor Ensemble, since" in why_it_decides("short-paths")


def test_a_benchmark_judges_it_and_a_verdict_asks_it(own: Store) -> None:
    benchmark = Detection(
        **DIGITS,
        images=60,
        attacks=("toy",),
        attack=AttackSettings(toy=ToyAttackSettings(size=100)),
        detectors=("input-mfs", "toy-corrected"),
        settings=DetectorSettings(toy=ToyDetectorSettings(power=1)),
        references=200,
        splits=1,
        adaptive_images=0,
    )
    assert "Toy fading" in benchmark.words()
    record = run(benchmark, store=own)
    assert record.summary["detectors"]["toy-corrected"] == "Toy brightness corrected"
    assert record.summary["auc"]["toy-corrected"]["toy"] > 0.9
    assert list(record.tables["attacks"]["title"]) == ["Toy fading"]
    asked = run(Verdict(benchmark=benchmark, images=("3", "5")), store=own)
    assert asked.summary["decider"] == "toy-corrected"


def test_a_path_is_found_by_it(clf: engine.Classifier, own: Store) -> None:
    spec = RealReal(
        classifier="digits-resnet",
        dataset="digits",
        first="253",
        second="257",
        connect=ConnectSettings(method="toy", pull=0.01, bends=3),
        points=60,
        plane_resolution=0,
    )
    record = run(spec, store=own)
    assert record.summary["connected"]
    assert record.summary["rounds"] >= 1
    stiff = dataclasses.replace(spec, connect=ConnectSettings(method="toy", pull=0.02, bends=3))
    assert stiff.key() != spec.key()
    resnet = engine.load_classifier("digits-resnet", "cpu")
    pixels, _ = engine.load_dataset("digits")[[253, 257]]
    found = engine.connect(resnet, *pixels, method="toy", pull=0.01, bends=3)
    assert found.connected
    with pytest.raises(UnknownNameError, match="ConnectSettings 'pul'"):
        engine.connect(resnet, *pixels, method="toy", pul=0.01)


def test_the_pages_offer_them(app: Callable[..., AppTest]) -> None:  # noqa: F811
    page = "pages/real_adversarial/page.py"
    test = app(page, ra_classifier="digits-resnet", ra_dataset="digits", ra_label="3")
    assert test.selectbox(key="ra_method").options[-1].lower().startswith("toy")
    assert test.selectbox(key="ra_attack_method").options[-1] == "Toy fading"
    test.selectbox(key="ra_attack_method").set_value("toy").run()
    assert not test.exception
    assert test.number_input(key="ra_attack_toy_size").value == 90
    assert any("**Toy fading**: A toy: the picture fades" in one.value for one in test.caption)
    assert test.toggle(key="ra_attack_toy_aim").disabled
    test = app("pages/detector/page.py", dt_view="Benchmark")
    offered = {
        key: list(test.multiselect(key=f"bm_{key}").options) for key in ("attacks", "detectors")
    }
    assert offered["attacks"][-1] == "Toy fading"
    assert offered["detectors"][-1] == "Toy brightness corrected"
