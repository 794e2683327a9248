"""What the records of experiments are listed under."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Group:
    """Experiments of one sort: their `title`, what one of them is called, and whether its end is news.

    What is no news is not listed until somebody asks for it: rankings and straight paths appear where
    they are needed, and parts are only ever read by what they are parts of.
    """

    title: str
    one: str
    news: bool = True


CONNECTIONS = Group("Connections", "Connection")
POPULATIONS = Group("Populations", "Population")
EXPLORATIONS = Group("Explorations", "Exploration")
THEORY = Group("Theory", "Theory")
DETECTION = Group("Detection", "Detection")
STRAIGHT = Group("Straight paths", "Straight path", news=False)
RANKINGS = Group("Rankings", "Ranking", news=False)
PARTS = Group("Parts of sweeps", "Part of a sweep", news=False)
OTHERS = Group("Others", "Other")

GROUPS = (
    CONNECTIONS,
    POPULATIONS,
    EXPLORATIONS,
    THEORY,
    DETECTION,
    STRAIGHT,
    RANKINGS,
    PARTS,
)
"""Those that are always offered, in their order; `OTHERS` only where something is of them."""
