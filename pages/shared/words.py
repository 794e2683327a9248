"""Numbers in words, as every page writes them."""

import re

from engine.words import capitalised, counted, duration, figure, listed, nats, share, size

__all__ = [
    "capitalised",
    "counted",
    "duration",
    "figure",
    "listed",
    "nats",
    "plain",
    "share",
    "size",
]


def plain(words: str) -> str:
    """Words with a name that somebody chose in them, as Markdown that shows them as they are."""
    return re.sub(r"([\\`*_\[\]<>$~])", r"\\\1", words)
