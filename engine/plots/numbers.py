"""Numbers in words, with their unit, none longer than it must be."""

from __future__ import annotations

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
