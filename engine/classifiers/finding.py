"""What a check of a network finds, step by step. No torch."""

from __future__ import annotations

from dataclasses import dataclass

STEPS = {
    "file": "The file opens",
    "input": "What goes in",
    "classes": "What comes out",
    "picture": "One picture",
    "alone": "Each picture for itself",
    "gradient": "Gradient",
    "speed": "Speed",
}
"""Every step of a check with its title, in order."""


@dataclass(frozen=True)
class Finding:
    """What one step found: `words` are a sentence or two for a person.

    `step` is a key of `STEPS`. `doubts` are sentences on what is probably a mistake but keeps nothing from
    working. Where the step `failed`, `words` say what was expected, what came and what to do.
    """

    step: str
    words: str
    doubts: tuple[str, ...] = ()
    failed: bool = False

    @property
    def title(self) -> str:
        """The step's title."""
        return STEPS[self.step]
