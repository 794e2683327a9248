"""What holds for every attack of the registry, whoever wrote its steps."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

import engine
from engine.attacks import ATTACKS
from engine.attacks.attacking import attack
from engine.attacks.gradient_sign import Fgsm
from engine.attacks.settings import AttackSettings
from engine.progress import Cancelled
from tests.attacks.conftest import WRONG
from tests.networks import random_images, tiny_classifier

QUICK = {
    "adam": {"iterations": 60},
    "fgsm": {"eps": 0.1},
    "bim": {"eps": 0.1},
    "pgd": {"eps": 0.1, "steps": 15, "step_size": 0.2},
    "deepfool": {},
    "cw": {"steps": 60, "searches": 4},
    "cw-margin": {"steps": 60, "searches": 4, "confidence": 0.2},
}
"""Settings that suit a tiny network, of attacks whose defaults do not."""

each_attack = pytest.mark.parametrize("name", ATTACKS)
each_targeted = pytest.mark.parametrize(
    "name", [n for n, a in ATTACKS.items() if a.aims != "never"]
)


@pytest.fixture(scope="module")
def results(classifier, images, labels):
    return {
        name: attack(name, classifier, images, labels, **QUICK.get(name, {})) for name in ATTACKS
    }


def test_an_attack_says_all_that_is_asked_of_it():
    assert set(QUICK) <= set(ATTACKS)
    for name, method in ATTACKS.items():
        assert method.name == name
        chosen = AttackSettings(method=name).chosen
        assert type(chosen) is method.settings_class
        assert getattr(engine, type(chosen).__name__) is type(chosen)
        assert (method.norm == "linf") == (method(chosen).budget() is not None)
        assert method(chosen).gradients() >= 1
        assert "" not in {method.title, method.remedy}


@each_attack
def test_success_and_loss_are_those_of_a_pass_of_our_own(classifier, images, labels, results, name):
    result = results[name]
    logits = classifier(result.images)
    seen = logits.argmax(1)
    assert torch.equal(result.prediction, seen)
    won = seen == result.targets if name == "adam" else seen != labels
    assert torch.equal(result.success, won & result.eligible)
    assert int(result.success.sum()) >= 10
    assert torch.allclose(result.loss, F.cross_entropy(logits, seen, reduction="none"), atol=1e-5)
    assert str(int(result.success.sum())) in result.status


@each_attack
def test_shapes_range_and_distances(images, results, name):
    result = results[name]
    assert result.images.shape == images.shape
    assert result.images.dtype == torch.float32
    assert result.images.min() >= 0
    assert result.images.max() <= 1
    change = (result.images - images).flatten(1)
    assert torch.allclose(result.l2, change.norm(dim=1), atol=1e-6)
    assert torch.allclose(result.linf, change.abs().amax(1), atol=1e-7)
    if "eps" in QUICK.get(name, {}):
        assert result.linf.max() <= QUICK[name]["eps"] + 1e-6
    for column in (result.success, result.prediction, result.loss, result.forward_passes):
        assert column.shape == (20,)


@each_attack
def test_a_misclassified_image_is_left_alone(images, results, name):
    result = results[name]
    alone = torch.zeros(20, dtype=torch.bool)
    alone[WRONG] = True
    assert torch.equal(result.eligible, ~alone)
    assert torch.equal(result.images[alone], images[alone])
    assert not result.success[alone].any()
    assert not result.forward_passes[alone].any()
    assert "; 2 were misclassified before and left alone." in result.status


def test_passes_are_those_that_the_steps_need(results):
    attacked = {name: result.forward_passes[result.eligible] for name, result in results.items()}
    assert (attacked["fgsm"] == 1).all()
    assert (attacked["bim"] == 10).all()
    assert (attacked["pgd"] == 15).all()
    # One pass to rank the classes, then each step asks for 3 rivals, and one pass sees the end.
    assert ((attacked["deepfool"] - 2) % 3 == 0).all()
    assert attacked["deepfool"].unique().numel() > 1
    assert (attacked["cw"] <= 4 * 60).all()
    for name, result in results.items():
        spare = result.forward_passes - result.backward_passes
        assert (
            spare[result.eligible] == ((ATTACKS[name].variant_of or name) in {"adam", "deepfool"})
        ).all()
    looks = (~torch.from_numpy(results["adam"].trace).isnan()).sum(0)
    assert torch.equal(looks, results["adam"].forward_passes)


@each_attack
def test_the_caller_s_tensors_and_the_global_generator_are_left_alone(
    classifier, images, labels, name
):
    kept = images.clone(), labels.clone()
    state = torch.get_rng_state()
    attack(name, classifier, images, labels, seed=5, **QUICK.get(name, {}))
    assert torch.equal(images, kept[0])
    assert torch.equal(labels, kept[1])
    assert torch.equal(torch.get_rng_state(), state)
    assert all(parameter.grad is None for parameter in classifier.parameters())


@each_attack
def test_a_seed_decides_everything(classifier, images, labels, results, name):
    torch.manual_seed(1234)
    again = attack(name, classifier, images, labels, **QUICK.get(name, {}))
    assert torch.equal(again.images, results[name].images)
    other = attack(name, classifier, images, labels, seed=1, **QUICK.get(name, {}))
    # Without a target, one is drawn for an attack that must have one.
    drawn = ATTACKS[name].random or ATTACKS[name].aims == "must"
    assert torch.equal(other.images, again.images) == (not drawn)


@each_attack
def test_no_bit_depends_on_the_company(classifier, name):
    images = random_images(70, seed=2)
    labels = classifier(images).argmax(1)
    values = dict(QUICK.get(name, {}), **({"early_abort": False} if name.startswith("cw") else {}))
    target = (labels + 1) % 4 if name == "adam" else None
    whole = attack(name, classifier, images, labels, target=target, reproducible=True, **values)
    some = torch.randperm(70, generator=torch.Generator().manual_seed(3))[:9]
    aim = None if target is None else target[some]
    few = attack(
        name, classifier, images[some], labels[some], target=aim, reproducible=True, **values
    )
    for column in ("images", "success", "loss", "l2", "forward_passes", "backward_passes"):
        assert torch.equal(getattr(few, column), getattr(whole, column)[some]), column


@each_targeted
def test_a_target_is_reached_without_a_word(classifier, images, labels, name, capsys):
    targets = (labels + 2) % 4
    values = QUICK.get(name, {}) | ({"eps": 0.3} if "eps" in QUICK.get(name, {}) else {})
    result = attack(name, classifier, images, labels, target=targets, **values)
    assert torch.equal(result.targets, targets)
    assert torch.equal(result.success, (result.prediction == targets) & result.eligible)
    # One step of FGSM is no way to a chosen class; the others find it.
    assert int(result.success.sum()) >= (4 if name == "fgsm" else 15)
    assert "reached the target class" in result.status
    assert capsys.readouterr() == ("", "")


@each_attack
def test_two_classes_are_enough(images, name):
    classifier = tiny_classifier(classes=2)
    labels = classifier(images).argmax(1)
    result = attack(name, classifier, images, labels, **QUICK.get(name, {}))
    assert torch.equal(result.prediction != labels, result.success)
    assert int(result.success.sum()) >= 5


def test_drawn_targets_are_other_classes_and_all_of_them(classifier):
    images = random_images(60, seed=4)
    labels = classifier(images).argmax(1)
    targets = attack("adam", classifier, images, labels, iterations=1).targets
    shift = (targets - labels) % 4
    assert shift.bincount(minlength=4)[0] == 0
    assert shift.bincount(minlength=4)[1:].min() > 8


def test_pixels_may_leave_the_cube_only_where_adam_is_told_so(classifier, images, labels):
    free = attack("adam", classifier, images, labels, iterations=100, clamp=False)
    assert free.images.min() < 0


def test_arrays_and_one_class_for_all_are_as_good(classifier, images):
    label = int(classifier(images).argmax(1)[0])
    result = engine.attack(
        "fgsm", classifier, images.numpy(), label, settings=engine.FgsmSettings(0.1)
    )
    assert (result.labels == label).all()
    assert result.linf.max() == pytest.approx(0.1)


@each_attack
def test_progress_grows_to_the_end_and_a_caller_may_stop(classifier, images, labels, name):
    told: list[float] = []
    attack(
        name,
        classifier,
        images,
        labels,
        report=lambda s, t, **_: told.append(s / t),
        **QUICK.get(name, {}),
    )
    assert told == sorted(told)
    assert told[0] < 0.5
    assert told[-1] == 1

    def stop(step, total, **metrics):
        raise Cancelled

    with pytest.raises(Cancelled):
        attack(name, classifier, images, labels, report=stop, **QUICK.get(name, {}))


def test_an_attack_that_breaks_its_promise_is_a_defect(classifier, images, labels):
    class Loose(Fgsm):
        def perturb(self, attack, batch):
            return attack(batch.images, batch.labels) + 0.01

    class Broken(Fgsm):
        def perturb(self, attack, batch):
            return attack(batch.images, batch.labels) * float("nan")

    with pytest.raises(RuntimeError, match=r"more than its eps of 0\.1"):
        Loose(Fgsm.settings_class(eps=0.1))(classifier, images, labels, None)
    with pytest.raises(RuntimeError, match="no numbers"):
        Broken(Fgsm.settings_class(eps=0.1))(classifier, images, labels, None)
