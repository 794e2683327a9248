"""Numbers and counts in words, with their unit, none longer than it must be."""

from __future__ import annotations

from collections.abc import Sequence

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


def bare(names: str) -> str:
    """Names of networks and sets without what says that they are files."""
    for mark in ("file:", ".pt2", "parquet:", ".parquet"):
        names = names.replace(mark, "")
    return names


def size(count: int) -> str:
    """A number of bytes: "812 kB", "3.4 MB", "2.1 GB"."""
    if count < 1_000_000:
        return f"{max(1, round(count / 1000))} kB"
    return f"{count / 1e6:.1f} MB" if count < 1e9 else f"{count / 1e9:.1f} GB"


def counted(count: int, plural: str) -> str:
    """A count with its noun: "1 class", "3 networks"."""
    singular = plural.removesuffix("es" if plural.endswith(("sses", "ches")) else "s")
    return f"{count:,} {singular if count == 1 else plural}"


def listed(names: Sequence[str]) -> str:
    """Names in a row: "A", "A and B", "A, B and C"."""
    *most, last = names or [""]
    return f"{', '.join(most)} and {last}" if most else last


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


def capitalised(words: str) -> str:
    """The words with a capital at their beginning, and no other changed."""
    return words[:1].upper() + words[1:]


def signed(value: float) -> str:
    """A number with its sign and two decimals: "+3.12", "−0.40"."""
    return f"{value:+.2f}".replace("-", "−")
