"""Numbers and specs in words: every number with its unit, none longer than it must be."""

from __future__ import annotations

from engine.experiments.base import Spec

SYNTHETIC = ("manifold", "modes")
"""Kinds of experiments on a class, not on pictures that somebody chose."""

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def nats(loss: float) -> str:
    """A loss with its unit: "4.12 nats", "0.0031 nats"."""
    return f"{figure(loss)} nats"


def figure(value: float) -> str:
    """A number to three significant digits, in powers of ten only where it is very small."""
    if value == 0:
        return "0"
    if abs(value) < 1e-4 or abs(value) >= 1e6:
        mantissa, exponent = f"{value:.1e}".split("e")
        return f"{mantissa}×10{str(int(exponent)).translate(SUPERSCRIPTS)}"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def share(part: float) -> str:
    """A share of one in percent: "97 %", "99.8 %"."""
    if 0.9995 <= part < 1:
        return "over 99.9 %"
    percent = 100 * part
    digits = 0 if percent < 99 or percent == 100 else 1
    return f"{percent:.{digits}f} %"


def duration(seconds: float) -> str:
    """A time: "0.4 s", "12 s", "3 min 20 s", "2 h 5 min"."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


def size(count: int) -> str:
    """A number of bytes: "812 kB", "3.4 MB"."""
    if count < 1_000_000:
        return f"{max(1, round(count / 1000))} kB"
    return f"{count / 1_000_000:.1f} MB"


def image_words(reference: str) -> str:
    """What a reference to an image means: "image 37", "an uploaded image", "the file cat.png"."""
    scheme, _, rest = reference.partition(":")
    if scheme == "upload":
        return f"uploaded image {rest[:6]}"
    if scheme == "file":
        return f"the file {rest.rsplit('/', 1)[-1]}"
    return f"image {reference}" if reference else "the image of lowest loss"


def pair_words(spec: Spec) -> str:
    """Which two pictures an experiment is about: "Image 3 to image 9"; its title if it has no pair."""
    values = spec.to_dict()
    if spec.kind in SYNTHETIC:
        return f"{spec.title}, {values['label'] or 'first class'}"
    if "second" not in values:
        return spec.title
    words = f"{image_words(values['first'])} to {image_words(values['second'])}"
    return words[0].upper() + words[1:]


def source_words(spec: Spec) -> str:
    """Where pictures and losses come from: "shapes, shapes-resnet"."""
    values = spec.to_dict()
    return ", ".join(filter(None, (values.get("dataset", ""), values.get("classifier", ""))))


def spec_words(spec: Spec) -> str:
    """One line that tells an experiment from others of its kind."""
    if spec.kind not in SYNTHETIC and "second" not in spec.to_dict():
        return source_words(spec)
    return f"{pair_words(spec)}, {source_words(spec)}"


def job_words(spec: Spec) -> str:
    """What a job does, as its name in a list: "Connecting image 3 to image 9, shapes, ..."."""
    if spec.kind == "survey":
        return f"Ranking images by loss: {source_words(spec)}"
    line = spec_words(spec)
    if spec.kind in SYNTHETIC:
        return line
    if spec.kind == "real-real":
        verb = "Connecting" if spec.to_dict()["connect"]["rounds"] else "Straight path:"
        return f"{verb} {line[0].lower()}{line[1:]}"
    return f"{spec.title}: {line}"
