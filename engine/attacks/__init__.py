"""Attacks: images changed so that a classifier errs. One registry, one contract for all of them."""

from __future__ import annotations

from typing import get_args

from engine.called import answers


def _known() -> tuple[str, ...]:
    """Names of the attacks that `engine.attack` knows."""
    from engine.attacks.settings import AttackName

    return get_args(AttackName)


answers(__name__, _known)
