"""Attacks: images changed so that a classifier errs. One contract for all of them, a file for each family."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.called import answers
from engine.methods import Methods

if TYPE_CHECKING:
    from engine.attacks.base import Attack

ATTACKS: Methods[Attack] = Methods("attack", __name__)


def distinct() -> tuple[str, ...]:
    """Names of the attacks that are no other one with other settings."""
    return tuple(name for name, attack in ATTACKS.items() if not attack.variant_of)


def _known() -> tuple[str, ...]:
    """Names of the attacks that `engine.attack` knows."""
    return tuple(ATTACKS)


answers(__name__, _known)
