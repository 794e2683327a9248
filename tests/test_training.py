"""Recipes and the loop that follows them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F

import engine
from engine.classifiers.listings import LISTINGS
from engine.datasets.imageset import ArraySet
from engine.errors import ParameterError, UnknownNameError, WeightsError
from engine.progress import SILENT, Cancelled
from engine.training import RECIPES, Recipe, train
from engine.training.run import Run, augment, save

CPU = torch.device("cpu")


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> Iterator[None]:
    """Networks this small train fastest on one thread, above all on a machine that is busy."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def easy_set(name: str, count: int, side: int = 0) -> ArraySet:
    """Images of a network's own shape, each class with a mean brightness and a stripe of its own."""
    listing = LISTINGS[name]
    channels, *own = listing.input_shape
    height, width = (side or length for length in own)
    source = np.random.default_rng(0)
    labels = np.arange(count) % 4
    images = source.integers(0, 60, (count, height, width, channels))
    images += (labels * 45)[:, None, None, None]
    for label in range(4):
        images[labels == label, label * height // 4, :, :] = 255
    return ArraySet(
        "easy", "train", listing.classes, labels, images.astype(np.uint8), identity="easy"
    )


def quick(name: str) -> tuple[Recipe, ArraySet]:
    """The registered recipe for one epoch, on images few enough for a test."""
    big = LISTINGS[name].architecture in ("vgg16-32", "resnet18-32", "googlenet")
    rate = min(RECIPES[name].learning_rate, 0.02)
    recipe = replace(RECIPES[name], epochs=1, batch=8, learning_rate=rate, warm_up=0)
    return recipe, easy_set(name, 16 if big else 160, side=64 if recipe.side else 0)


def mean_loss(run: Run) -> float:
    """The loss on the training images as they are, with the statistics of the batch."""
    run.network.train()
    images = (run.images.float() / 255 - run.mean) / run.std
    with torch.no_grad():
        return float(F.cross_entropy(run.network(images), run.labels))


@pytest.mark.parametrize("name", RECIPES)
def test_one_epoch_lowers_the_loss_and_the_seed_decides(name: str) -> None:
    recipe, data = quick(name)
    torch.manual_seed(3)
    first, again = (Run(name, recipe, data, CPU) for _ in range(2))
    untouched = deepcopy(first.network)
    before = mean_loss(first)
    first.network.load_state_dict(untouched.state_dict())
    state = torch.random.get_rng_state()
    first.epoch(0, SILENT)
    assert torch.equal(torch.random.get_rng_state(), state)
    torch.manual_seed(4)
    again.epoch(0, SILENT)
    weights, others = first.network.state_dict(), again.network.state_dict()
    assert all(torch.equal(weights[key], others[key]) for key in weights)
    assert mean_loss(first) < before


def test_attacked_images_are_near_and_worse_and_leave_the_network_as_it_is() -> None:
    recipe, data = quick("shapes-resnet-robust")
    run = Run("shapes-resnet-robust", replace(recipe, attack=0.1), data, CPU)
    run.epoch(0, SILENT)
    images, labels = run._seen(run.images[:64]), run.labels[:64]
    before = deepcopy(run.network.state_dict())
    moved = run._attacked(images, labels, torch.Generator().manual_seed(0))
    assert run.network.training
    assert all(
        torch.equal(weight, before[name]) for name, weight in run.network.state_dict().items()
    )
    pixels, others = (one * run.std + run.mean for one in (images, moved))
    assert 0.09 < float((others - pixels).abs().max()) <= 0.1 + 1e-6
    assert -1e-6 <= float(others.min()) <= float(others.max()) <= 1 + 1e-6
    run.network.eval()
    with torch.no_grad():
        plain, worse = (F.cross_entropy(run.network(one), labels) for one in (images, moved))
    assert worse > plain + 0.1


def test_every_listed_network_has_a_recipe() -> None:
    assert RECIPES.keys() == LISTINGS.keys()


def test_training_writes_weights_that_load(tmp_path: Path) -> None:
    reports: list[dict[str, float | str]] = []
    path = train(
        "digits-vgg",
        lambda step, total, **metrics: reports.append({"done": step / total, **metrics}),
        epochs=2,
        folder=tmp_path,
        device="cpu",
        limit=700,
    )
    about = json.loads(path.with_suffix(".json").read_text())
    assert about["accuracy"] > 0.5
    assert about["recipe"]["epochs"] == 2
    assert about["classes"] == [str(digit) for digit in range(10)]
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "digits-vgg.json",
        "digits-vgg.safetensors",
    ]
    done = [float(report["done"]) for report in reports]
    assert done == sorted(done)
    assert done[-1] == 1
    assert {"Training", "Testing"} <= {report.get("stage") for report in reports}


def test_trained_weights_are_found_and_described(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.classifiers.weights.ASSETS", tmp_path)
    path = train("digits-vgg", epochs=1, device="cpu", limit=200)
    assert path == tmp_path / "weights" / "digits-vgg.safetensors"
    classifier = engine.load_classifier("digits-vgg", "cpu")
    assert classifier.card.accuracy == json.loads(path.with_suffix(".json").read_text())["accuracy"]


def test_a_killed_run_goes_on_and_ends_with_the_same_weights(tmp_path: Path) -> None:
    recipe = Recipe(epochs=4, batch=32, learning_rate=0.05, shift=1, mirror=False)

    def trained(folder: str, stop_at: float = 2.0) -> bytes:
        def report(step: float, total: float, **_: float | str) -> None:
            if step / total > stop_at:
                raise Cancelled

        return train(
            "digits-resnet",
            report,
            recipe=recipe,
            folder=tmp_path / folder,
            device="cpu",
            limit=300,
        ).read_bytes()

    with pytest.raises(Cancelled):
        trained("killed", stop_at=0.6)
    assert [file.name for file in (tmp_path / "killed").iterdir()] == [
        "digits-resnet.partial.safetensors"
    ]
    assert trained("killed") == trained("whole")


def test_a_checkpoint_of_another_run_is_not_taken_up(tmp_path: Path) -> None:
    recipe, data = quick("digits-vgg")
    checkpoint = tmp_path / "x.partial.safetensors"
    Run("digits-vgg", recipe, data, CPU).fit(checkpoint, SILENT)
    assert Run("digits-vgg", recipe, data, CPU)._resume(checkpoint) == 1
    assert Run("digits-vgg", replace(recipe, seed=1), data, CPU)._resume(checkpoint) == 0
    assert Run("digits-vgg", recipe, data, CPU, limit=100)._resume(checkpoint) == 0
    checkpoint.write_bytes(b"half a file")
    assert Run("digits-vgg", recipe, data, CPU)._resume(checkpoint) == 0


def test_divergence_is_said_plainly(tmp_path: Path) -> None:
    recipe, data = quick("digits-vgg")
    run = Run("digits-vgg", replace(recipe, learning_rate=10.0), data, CPU)
    with torch.no_grad():
        run.network.classifier.weight.fill_(float("inf"))
    with pytest.raises(WeightsError, match=r"diverged in epoch 1.*learning rate below 10"):
        run.fit(tmp_path / "x", SILENT)


def test_the_learning_rate_rises_then_falls_to_nothing() -> None:
    recipe, data = quick("digits-vgg")
    run = Run("digits-vgg", replace(recipe, learning_rate=0.4, warm_up=0.25), data, CPU)
    rates = []
    for done in (0, 0.125, 0.25, 0.625, 1):
        run._set_learning_rate(done)
        rates.append(run.optimiser.param_groups[0]["lr"])
    assert rates == pytest.approx([0, 0.2, 0.4, 0.2, 0], abs=1e-9)


def test_labels_follow_the_names_of_the_classes() -> None:
    recipe, data = quick("digits-vgg")
    order = np.random.default_rng(0).permutation(10)
    names = tuple(data.classes[i] for i in order)
    mixed = ArraySet("x", "train", names, np.argsort(order)[data.labels], data.images, identity="x")
    straight, turned = (Run("digits-vgg", recipe, some, CPU) for some in (data, mixed))
    assert torch.equal(straight.labels, turned.labels)


def test_augmentation_only_moves_pixels() -> None:
    images = torch.arange(1, 1 + 6 * 64, dtype=torch.int64).view(6, 1, 8, 8)
    source = torch.Generator().manual_seed(0)
    turned = augment(images, Recipe(mirror=True, turn=True), source)
    assert torch.equal(turned.flatten(1).sort(1).values, images.flatten(1))
    assert not torch.equal(turned, images)
    shifted = augment(images, Recipe(mirror=False, shift=2), source)
    for before, after in zip(images, shifted, strict=True):
        offsets = [
            (down, right)
            for down in range(-2, 3)
            for right in range(-2, 3)
            if torch.equal(
                F.pad(before, (2,) * 4)[:, 2 - down : 10 - down, 2 - right : 10 - right], after
            )
        ]
        assert len(offsets) == 1


def test_nothing_is_left_of_weights_that_cannot_be_written(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(WeightsError, match="cannot be written"):
        save({"x": torch.zeros(1)}, blocked / "net.safetensors")
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


def test_bad_requests() -> None:
    with pytest.raises(UnknownNameError, match="shapes-resnet"):
        train("shapes-resnt")
    with pytest.raises(ParameterError, match="epochs"):
        train("shapes-resnet", epochs=0)


def test_images_of_unknown_classes_teach_nothing() -> None:
    """A set that knows more than the network, or not what some pictures show, trains it all the same."""
    labels = np.array([0, 1, 2, -1, 1])
    pixels = np.arange(5 * 64, dtype=np.uint8).reshape(5, 8, 8, 1)
    mixed = ArraySet("own", "train", ("3", "banana", "5"), labels, pixels, identity="made here")
    run = Run("digits-vgg", RECIPES["digits-vgg"], mixed, CPU)
    assert run.labels.tolist() == [3, 5]
    assert (run.images.numpy()[:, 0] == pixels[[0, 2], :, :, 0]).all()
