"""Errors meant for the person at the keyboard: what was expected, what came, what to do next.

Anything else that escapes the engine is a defect.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class IsthmusError(Exception):
    """Base of every error whose message is written for a user."""


class ParameterError(IsthmusError, ValueError):
    """A parameter has the wrong type or lies outside its range."""


class UnknownNameError(IsthmusError, LookupError):
    """A name that no registry knows; the message lists the known ones."""


class ImageError(IsthmusError, ValueError):
    """An image that cannot be read, is unsafe to read, or does not fit."""


class DataError(IsthmusError):
    """An image set that is missing or unreadable."""


class ClassesError(DataError):
    """An image set whose labels name no class that the classifier knows."""


class WeightsError(IsthmusError):
    """Weights that are missing, unreadable, or made for another network."""


class OfflineError(IsthmusError):
    """Something must be downloaded and the network cannot be reached."""


class RecordError(IsthmusError):
    """A record that is missing, corrupt, or cannot be written."""


class JobError(IsthmusError):
    """A job that could not be submitted or whose workers failed."""


def unknown_name(what: str, name: object, known: Iterable[str]) -> UnknownNameError:
    """Error for a `name` that is none of the `known` ones, with the nearest spelling."""
    names = list(known)
    near = get_close_matches(str(name), names, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return UnknownNameError(f"Unknown {what} {name!r}.{hint} Known: {', '.join(names)}.")
