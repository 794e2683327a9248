"""What cannot be attacked, or not like that, is refused in words that help."""

from __future__ import annotations

import pytest

import engine
from engine.attacks import ATTACKS
from engine.attacks.attacking import attack
from engine.attacks.settings import AttackSettings
from engine.errors import ImageError, ParameterError, UnknownNameError


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("fgsm", {"eps": 0}),
        ("bim", {"steps": 0}),
        ("pgd", {"step_size": 0}),
        ("deepfool", {"candidates": 1}),
        ("cw", {"searches": 0}),
        ("adam", {"iterations": 0}),
    ],
)
def test_a_budget_of_nothing_is_refused(classifier, images, labels, name, values):
    with pytest.raises(ParameterError, match="expected a"):
        attack(name, classifier, images, labels, **values)


def test_unknown_names_list_the_known(classifier, images, labels):
    with pytest.raises(UnknownNameError, match=r"Known: adam, fgsm, bim, pgd, deepfool, .*cw"):
        attack("pdg", classifier, images, labels)
    with pytest.raises(UnknownNameError, match="Known: eps, steps, step_size"):
        attack("bim", classifier, images, labels, epsilon=0.1)
    with pytest.raises(ParameterError, match="expected BimSettings for 'bim', got FgsmSettings"):
        attack("bim", classifier, images, labels, settings=engine.FgsmSettings())


def test_bad_images_are_refused_in_words(classifier, images, labels):
    outside = images.clone()
    outside[0, 0, 0, 0] = 1.0001
    nothing = images.clone()
    nothing[0, 0, 0, 0] = float("nan")
    for bad, words in [
        (outside, r"pixels in \[0, 1\], got values from .* to 1\.0001"),
        (nothing, "NaN"),
        (images[:0], "no images to attack"),
        (images[0, 0], "needs a leading axis"),
        (images[..., 1:], r"takes images of shape \('N', 3, 6, 5\)"),
        ((images * 255).byte(), "Divide bytes by 255"),
    ]:
        with pytest.raises(ImageError, match=words):
            attack("fgsm", classifier, bad, labels)


def test_bad_classes_are_refused_in_words(classifier, images, labels):
    for bad, words in [
        (labels[:7], "one for each of the 20 images, got 7"),
        (4, "class indices from 0 to 3 of tiny, got 4"),
        (-1, "got -1"),
        (labels.double(), "whole numbers, got torch.float64"),
    ]:
        with pytest.raises(ParameterError, match=f"labels: .*{words}"):
            attack("fgsm", classifier, images, bad)
        with pytest.raises(ParameterError, match=f"target: .*{words}"):
            attack("fgsm", classifier, images, labels, target=bad)
    with pytest.raises(ParameterError, match="same one for 20 of 20 images"):
        attack("fgsm", classifier, images, labels, target=labels)
    with pytest.raises(ParameterError, match=r"takes none\. .* adam, fgsm, bim, pgd, cw"):
        attack("deepfool", classifier, images, labels, target=0)


def test_where_nothing_can_be_attacked_the_classifier_s_view_is_told(classifier, images):
    seen = classifier(images).argmax(1)
    other, word = (seen + 1) % 4, "abcd"[int(seen[0])]
    with pytest.raises(ImageError, match=rf"sees the image as '{word}', not as its label"):
        attack("fgsm", classifier, images[:1], other[:1])
    with pytest.raises(ImageError, match=r"none of the 20 images as its label.*predicted classes"):
        attack("fgsm", classifier, images, other)


def test_settings_know_which_attacks_aim():
    aims = {name: method.aims for name, method in ATTACKS.items()}
    always, never = (
        {name for name, aim in aims.items() if aim == word} for word in ("must", "never")
    )
    assert (always, never) == ({"adam"}, {"deepfool", "deepfool-margin"})
    for name in always:
        with pytest.raises(ParameterError, match="always aims"):
            AttackSettings(method=name).check_aim(False)
    for name in never:
        with pytest.raises(ParameterError, match="no-targeted"):
            AttackSettings(method=name).check_aim(True)
