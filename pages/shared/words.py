"""Numbers and specs in words: every number with its unit, none longer than it must be."""

from __future__ import annotations

from typing import Any

from engine.attacks.settings import TITLES
from engine.experiments.base import Spec
from engine.plots.numbers import figure as figure  # noqa: PLC0414 - one of the words here
from engine.plots.numbers import nats as nats  # noqa: PLC0414
from engine.progress import duration as duration  # noqa: PLC0414

POPULATIONS = ("pair-statistics", "attack-populations")
"""Kinds that are about many pairs."""

SWEEPS = (*POPULATIONS, "detection")
"""Kinds that are computed in parts, which are kept as soon as they are done."""

DETECTION = ("detection", "verdict")
"""Kinds that are about detectors of attacks."""

DETECTOR_PARTS = (
    "attacked-shard",
    "detector-judgement",
    "detector-study",
    "feature-shard",
    "known-images",
)
"""Parts of a benchmark of detectors."""

PARTS = ("pair-shard", "forecast", *DETECTOR_PARTS)
"""Kinds that only others are made of; no page shows them."""

SYNTHETIC = ("manifold", "modes")
"""Kinds of experiments on a class, not on pictures that somebody chose."""

THEORY = ("percolation", "conjecture", "untrained", "evolution", "evolution-part")
"""Kinds of experiments that are about no pictures of a set."""


def share(part: float) -> str:
    """A share of one in percent: "97 %", "99.8 %"."""
    if 0.9995 <= part < 1:
        return "over 99.9 %"
    percent = 100 * part
    digits = 0 if percent < 99 or percent == 100 else 1
    return f"{percent:.{digits}f} %"


def size(count: int) -> str:
    """A number of bytes: "812 kB", "3.4 MB"."""
    if count < 1_000_000:
        return f"{max(1, round(count / 1000))} kB"
    return f"{count / 1_000_000:.1f} MB"


def counted(count: int, plural: str) -> str:
    """A count with its noun: "1 class", "3 networks"."""
    singular = plural.removesuffix("es" if plural.endswith(("sses", "ches")) else "s")
    return f"{count:,} {singular if count == 1 else plural}"


def image_words(reference: str) -> str:
    """What a reference to an image means: "image 37", "an uploaded image", "the file cat.png"."""
    scheme, _, rest = reference.partition(":")
    if scheme == "upload":
        return f"uploaded image {rest[:6]}"
    if scheme == "file":
        return f"the file {rest.rsplit('/', 1)[-1]}"
    return f"image {reference}" if reference else "the image of lowest loss"


def pair_words(spec: Spec) -> str:
    """Which two pictures an experiment is about: "Image 3 to image 9"; what it is if it has no pair."""
    values = spec.to_dict()
    if spec.kind in SYNTHETIC:
        return f"{spec.title}, {values['label'] or 'first class'}"
    if spec.kind in (*POPULATIONS, *PARTS):
        return population_words(spec.kind, values)
    if "second" not in values:
        return spec.title
    if "source" in values:
        words = f"{image_words(values['first'])} to {image_words(values['source'])}, attacked"
    else:
        words = f"{image_words(values['first'])} to {image_words(values['second'])}"
    return words[0].upper() + words[1:]


def population_words(kind: str, values: dict[str, Any]) -> str:
    """Which pairs an experiment measures: "200 + 200 pairs, FGSM"."""
    attack = TITLES[values["attack"]["method"]]
    if kind == "pair-shard":
        first, last = values["first"], values["first"] + values["blocks"] - 1
        source = "real" if values["branch"] == "real" else attack
        return f"Part of {values['pairs']:,} pairs, {source}, blocks {first} to {last}"
    if kind == "attack-populations" or values.get("every_attack"):
        attack = "all attacks"
    if kind == "forecast":
        return f"Timing a pair, {attack}"
    return f"{values['pairs']:,} + {values['pairs']:,} pairs, {attack}"


def source_words(spec: Spec) -> str:
    """Where pictures and losses come from: "shapes, shapes-resnet"."""
    values = spec.to_dict()
    values = values.get("benchmark", values)
    return ", ".join(filter(None, (values.get("dataset", ""), values.get("classifier", ""))))


def theory_words(spec: Spec) -> str:
    """What an experiment without pictures ranges over: "Percolation, 2 to 7 dimensions"."""
    values = spec.to_dict()
    if spec.kind == "untrained":
        networks, classes = (counted(values[name], name) for name in ("networks", "classes"))
        return f"{spec.title}, {values['network']}, {networks}, {classes}"
    if spec.kind.startswith("evolution"):
        number = f", part {values['part'] + 1}" if "part" in values else ""
        return (
            f"{spec.title}, {values['classifier']}, {counted(values['epochs'], 'epochs')}{number}"
        )
    if spec.kind == "percolation":
        return f"{spec.title}, {values['lowest']} to {values['highest']} dimensions"
    networks = values["network"].upper()
    return (
        f"{spec.title}, {networks}s in {values['smallest']:,} to {values['largest']:,} dimensions"
    )


def detector_words(spec: Spec) -> str:
    """What detectors are asked: "Verdict on 3 images", "Detector benchmark, 1,000 images, FGSM, BIM"."""
    values = spec.to_dict()
    if spec.kind == "verdict":
        return f"{spec.title} on {counted(len(values['images'].split()), 'images')}"
    if spec.kind == "detection":
        names = [TITLES[name.strip()] for name in values["attacks"].split(",") if name.strip()]
        return f"{spec.title}, {counted(values['images'], 'images')}, {', '.join(names)}"
    name = values.get("name") or values.get("detector", "")
    shard = f"from image {values['first']}" if "first" in values else ""
    return ", ".join(filter(None, (spec.title, name, shard)))


def short_words(spec: Spec) -> str:
    """An experiment in a few words, for a narrow list."""
    if spec.kind in (*DETECTION, *DETECTOR_PARTS):
        return detector_words(spec)
    return theory_words(spec) if spec.kind in THEORY else pair_words(spec)


def spec_words(spec: Spec) -> str:
    """One line that tells an experiment from others of its kind."""
    if spec.kind in THEORY:
        return theory_words(spec)
    if spec.kind in (*DETECTION, *DETECTOR_PARTS):
        return f"{detector_words(spec)}, {source_words(spec)}"
    if "second" not in spec.to_dict() and spec.kind not in (*POPULATIONS, *PARTS, *SYNTHETIC):
        return source_words(spec)
    return f"{pair_words(spec)}, {source_words(spec)}"


def job_words(spec: Spec) -> str:
    """What a job does, as its name in a list: "Connecting image 3 to image 9, shapes, ..."."""
    if spec.kind == "survey":
        return f"Ranking images by loss: {source_words(spec)}"
    line = spec_words(spec)
    if spec.kind in (*THEORY, *SYNTHETIC, *DETECTION):
        return line
    verbs = {
        "real-real": ("Straight path:", "Connecting"),
        "real-adversarial": ("Attack and straight path:", "Attack and search:"),
    }
    if spec.kind in verbs:
        verb = verbs[spec.kind][bool(spec.to_dict()["connect"]["rounds"])]
        return f"{verb} {line[0].lower()}{line[1:]}"
    if spec.kind in POPULATIONS:
        return f"Measuring {line}"
    return line if spec.kind in PARTS else f"{spec.title}: {line}"
