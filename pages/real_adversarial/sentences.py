"""A real–adversarial pair in sentences: what the attack did, what stands between A and K′, what 8 bits do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.attacks import ATTACKS
from engine.experiments.pair.results import AdversarialResult, Attacked
from pages.shared.words import counted, figure, nats, plain, share


def straight_words(pair: AdversarialResult) -> str:
    """The straight path in a sentence or two."""
    height = pair.numbers["height_before"]
    words = _rise(pair)
    if height <= pair.threshold:
        return f"{words} A and K′ are connected already. Choose other pictures to see a barrier."
    return f"{words} Connect bends the path from A to K′ around its barrier."


def found_words(pair: AdversarialResult) -> str:
    """The straight path and the path found, beside those of the real pair."""
    numbers = pair.numbers
    searched = _effort(numbers)
    below = f"where the loss stays at {nats(numbers['height_after'])} or less"
    path = f"{searched}, {below}." if numbers["rounds"] else f"{searched}."
    words = f"{_rise(pair)} From A to K′, {path}"
    return f"{words} From A to C, {_effort(pair.real.numbers)}." if pair.real else words


def attack_words(pair: AdversarialResult) -> str:
    """What K was and what the classifier sees in K′."""
    source, attack = pair.summary["source"], pair.attack
    return (
        f"{ATTACKS[attack.name].title} made K′ from K, a picture seen as **{plain(source['class'])}** "
        f"({share(source['probability'])} sure): K′ is seen as "
        f"**{plain(pair.label(attack.prediction))}** ({share(attack.probability)} sure)."
    )


def eight_bit_words(summary: Mapping[str, Any]) -> str:
    """Whether K′ survives being stored with 8 bits a channel."""
    rounded, classes = summary["attack"]["eight_bit"], summary["classes"]
    seen = f"{plain(classes[rounded['prediction']])} ({share(rounded['probability'])} sure)"
    if rounded["success"]:
        return f"Rounded to 8 bits, as in a PNG file, K′ stays adversarial: seen as {seen}."
    return f"Rounding to 8 bits, as in a PNG file, undoes the attack: K′ is then seen as {seen}."


def size_words(attack: Attacked) -> str:
    """How large the change is, with what to compare it to."""
    words = (
        f"No colour value changes by more than {figure(255 * attack.linf)} of 255 levels (L∞), the whole "
        f"by {figure(attack.l2)} (L2; from A to K it is {figure(attack.apart)})."
    )
    if attack.outside > 0:
        words += f" K′ leaves [0, 1] by up to {figure(attack.outside)}."
    return words


def _rise(pair: AdversarialResult) -> str:
    words = f"The straight path from A to K′ rises to **{nats(pair.numbers['height_before'])}**"
    if pair.real is None:
        return f"{words}."
    return f"{words}, the one to the real C to {nats(pair.real.numbers['height_before'])}."


def _effort(numbers: Mapping[str, Any]) -> str:
    """What a search took: "2 rounds made a path of 3 segments"."""
    rounds, segments = numbers["rounds"], numbers["segments"]
    if not rounds:
        return "the straight path was left as it is"
    return f"{counted(rounds, 'rounds')} made a path of {counted(segments, 'segments')}"
