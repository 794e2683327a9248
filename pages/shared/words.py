"""Numbers in words, as every page writes them, and names that people chose, which are not Markdown."""

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
    """Words with a name that somebody chose in them, as Markdown that shows them as they are.

    Whatever may come from a file, an address or a result that was brought in goes through here on its way
    into Markdown: names of classes, files and networks, and errors, which repeat what was asked for.
    """
    return re.sub(r"([\\`*_\[\]<>$~#|])", r"\\\1", words)
