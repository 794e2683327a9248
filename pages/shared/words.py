"""Words as every page writes them: numbers, names that people chose, and what the field's words mean."""

from __future__ import annotations

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


def spaced(words: str) -> str:
    """Words with the space before a percent sign that stands there everywhere else."""
    return re.sub(r"(?<=\d)%", " %", words)


MEANINGS = {
    "loss": "how wrong the classifier is about the class in question; 0 where it is sure and right.",
    "nats": "the unit of the loss. The classifier gives the class a probability of e to the power of minus "
    "the loss: 0.05 nats is 95 % sure, 0.7 nats 50 %, 3 nats 5 %.",
    "barrier": "where the loss on a path rises above that of both its ends.",
    "gap": "how far a barrier rises above the higher end of its path.",
    "mode": "a picture of which the classifier is as sure as it can be.",
    "score": "a sum of what each feature adds, in log-odds: 1 more makes the odds of an attack 2.7 times as "
    "high.",
    "path": "how the classifier's answer changes on a short way from the picture, such as to its mirror "
    "image.",
    "cluster": "occupied sites that hang together; it spans the grid where it reaches from top to bottom.",
    "false positives": "clean pictures that are called attacks.",
    "AUC": "the chance that an attacked picture gets the higher score of it and a clean one: 50 % is "
    "guessing, 100 % is perfect.",
}


def meaning(*words: str) -> str:
    """What words mean, as Markdown for a help text."""
    return "\n\n".join(f"**{word[0].upper()}{word[1:]}**: {MEANINGS[word]}" for word in words)
