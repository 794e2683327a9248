"""Attacks that shall survive a file: on its levels, within the budget, and judged as the file is read."""

from __future__ import annotations

import io

import numpy as np
import pytest
import torch
from PIL import Image

from engine.attacks import ATTACKS
from engine.attacks.attacking import attack
from engine.errors import ImageError, UnknownNameError
from engine.images import encode_png, to_bytes, to_pixels
from engine.pixels import kept_by_files
from tests.attacks.test_contract import QUICK
from tests.networks import random_images

each_attack = pytest.mark.parametrize("name", ATTACKS)
SMALL_STEPS = {"pgd": {"eps": 0.1, "steps": 60, "step_size": 0.01}}
"""Steps of a quarter of a level: on the levels themselves they would lead nowhere."""


@pytest.fixture(scope="module")
def pictures():
    return torch.from_numpy(to_pixels(to_bytes(random_images(20).numpy())))


@pytest.fixture(scope="module")
def seen(classifier, pictures):
    return classifier(pictures).argmax(1)


def through_png(images: torch.Tensor) -> torch.Tensor:
    files = [encode_png(picture) for picture in to_bytes(images.numpy())]
    read = [np.asarray(Image.open(io.BytesIO(file))) for file in files]
    return torch.from_numpy(to_pixels(np.stack(read).reshape(len(read), *read[0].shape[:2], -1)))


@each_attack
def test_what_succeeds_still_errs_after_a_png_file(classifier, pictures, seen, name):
    settings = {**QUICK.get(name, {}), **SMALL_STEPS.get(name, {})}
    result = attack(name, classifier, pictures, seen, survive="8-bit", **settings)
    read = through_png(result.images)
    assert torch.equal(read, result.images)
    after = classifier(read).argmax(1)
    aimed = ATTACKS[name].aims == "must"
    assert torch.equal(result.success, after == result.targets if aimed else after != seen)
    assert int(result.success.sum()) >= 10
    assert result.status.endswith("with 8-bit pixels.")
    if "eps" in settings:
        assert float(result.linf.max()) <= settings["eps"] + 1e-6


@pytest.mark.parametrize("name", ["deepfool", "cw"])
def test_more_survive_than_of_an_attack_that_does_not_aim_at_it(classifier, pictures, seen, name):
    lost, kept = (
        attack(name, classifier, pictures, seen, survive=survive, **QUICK.get(name, {}))
        for survive in ("no", "8-bit")
    )
    assert lost.success.all()
    survivors = classifier(through_png(lost.images)).argmax(1) != seen
    assert int(survivors.sum()) < int(kept.success.sum())
    assert float(kept.l2.mean()) < 2 * float(lost.l2.mean())


def test_levels_are_the_nearest_within_the_limit():
    draws = torch.Generator().manual_seed(0)
    around = torch.rand(50, 1, 4, 4, generator=draws).mul(255).round() / 255
    limit = 0.03
    pixels = around + (2 * torch.rand(around.shape, generator=draws) - 1) * limit
    kept = kept_by_files(pixels, around, limit)
    levels = torch.arange(256) / 255
    allowed = (levels - around[..., None]).abs() <= limit + 1e-6
    apart = (levels - pixels[..., None]).abs().masked_fill(~allowed, torch.inf)
    assert torch.allclose((kept - pixels).abs(), apart.amin(-1), atol=1e-6)
    assert torch.equal(kept_by_files(kept, around, limit), kept)


def test_gradients_pass_through_as_if_nothing_were_rounded():
    pixels = torch.rand(2, 1, 3, 3).requires_grad_()
    weights = torch.rand(2, 1, 3, 3)
    (gradient,) = torch.autograd.grad((weights * kept_by_files(pixels)).sum(), pixels)
    assert torch.equal(gradient, weights)


def test_what_no_file_can_keep_is_refused(classifier, pictures, seen):
    between = (pictures + 0.4 / 255).clamp(0, 1)
    with pytest.raises(ImageError, match="8 bits a value"):
        attack("fgsm", classifier, between, seen, eps=0.001, survive="8-bit")
    with pytest.raises(UnknownNameError, match="Known: no, 8-bit"):
        attack("fgsm", classifier, pictures, seen, survive="jpeg")
