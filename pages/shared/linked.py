"""What a key leads to: a result, a job that makes one, or a clear word on why there is neither."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from engine.errors import IsthmusError
from engine.experiments.base import Spec
from engine.jobs import Job
from engine.records import Record
from pages.shared import service
from pages.shared.fitting import objection

Kinds = tuple[type[Spec], ...]


@dataclass(frozen=True)
class Linked:
    """The result or the job that a key leads to; neither, and perhaps what is wrong with the key."""

    record: Record | None = None
    job: Job | None = None
    problem: str = ""

    @property
    def spec(self) -> Spec | None:
        """What it was, or is, made from."""
        if self.record:
            return self.record.spec
        return self.job.spec if self.job else None


def look_up(key: str | None, kinds: Kinds = (Spec,)) -> Linked:
    """The record of one of these kinds under a key, or the job that makes it."""
    if key is None:
        return Linked()
    try:
        found = _found(key)
    except IsthmusError as error:
        return Linked(problem=str(error))
    if found.spec is None:
        return Linked(
            problem=f"There is no result {key} on this server: it was computed elsewhere, deleted, or "
            "made room for newer ones. Bring its ZIP file in on the Results page, or run it again with the "
            "line of shell that came with it."
        )
    if not isinstance(found.spec, kinds):
        kind = found.spec.kind
        return Linked(
            problem=f"The result {key} is of another kind ({kind}). Open it from the Results page."
        )
    if found.record and (words := objection(found.record)):
        return Linked(problem=words)
    return found


def spec_of(key: str | None) -> Spec | None:
    """What the result under a key was, or is being, made from."""
    with suppress(IsthmusError):
        return _found(key).spec if key else None
    return None


def _found(key: str) -> Linked:
    record = service.find(key)
    job = service.jobs().job(key) if record is None else None
    if job and job.state == "done":
        # It ended after the store was asked, or its record has made room for newer ones since.
        record, job = service.find(key), None
    return Linked(record, job)
