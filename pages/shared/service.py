"""The store and the job queue, one of each for all sessions of the process, and what a session may ask."""

from __future__ import annotations

import uuid
from functools import cache

import streamlit as st
from distributed.system import MEMORY_LIMIT

from engine.errors import IsthmusError, JobError
from engine.experiments.base import Spec
from engine.jobs import Job, Jobs
from engine.jobs.limits import Limits
from engine.local_files import check_names
from engine.reader import Reader
from engine.records import Record, Store
from pages.shared.mode import MEGABYTE, mode
from pages.shared.setup import settled

INTERACTIVE = 10
"""Priority of what a visitor is waiting for at this moment: a straight path before a long search."""


@st.cache_resource(show_spinner=False)
def store() -> Store:
    """The store that every session reads and writes."""
    return Store()


@st.cache_resource(show_spinner=False)
def jobs() -> Jobs:
    """The queue, which goes on with what an earlier server left."""
    queue = Jobs(store(), limits=limits())
    queue.resume()
    return queue


@st.cache_resource(show_spinner=False, max_entries=64)
def warm(network: str) -> None:
    """Let a network's file be tried before somebody waits for it; only that takes long."""
    if network.startswith("file:") and not mode().hosted:
        jobs().warm(network)


def limits() -> Limits:
    """What a job may take here."""
    return Limits(mode().job_seconds, int(mode().job_share * MEMORY_LIMIT))


@cache
def reader() -> Reader:
    """What reads the pictures that visitors send: not this process."""
    return Reader()


def submit(spec: Spec, priority: int = 0) -> Job:
    """Queue a spec for this session; JobError where it has too many jobs already, or this takes too much.

    A spec that is queued or running is not started twice.
    """
    check_names(spec)
    key = spec.key()
    waiting = [job for job in my_jobs() if job.active and job.key != key]
    if len(waiting) >= mode().active_jobs:
        raise JobError(
            f"You have {len(waiting)} jobs waiting or running, and this server allows "
            f"{mode().active_jobs} for one visitor. Wait for one to end, or cancel one."
        )
    job = jobs().submit(spec, priority=priority, owner=owner())
    remember(key)
    return job


def find(key: str) -> Record | None:
    """The record under `key`, or None; RecordError where the key is malformed or the record damaged."""
    return store().find(key)


def has(kind: str, key: str) -> bool:
    """Whether there is a record of this kind, which is not looked into."""
    return any((root / kind / key).is_dir() for root in (store().root, *store().shipped))


def found(spec: Spec) -> Record | None:
    """The record of a spec if it is stored and whole, so that a damaged one is simply made again."""
    try:
        return store().find(spec.key())
    except IsthmusError:
        return None


def measured(spec: Spec) -> Record | None:
    """The shipped record of these parameters, whose network and pictures need not be at hand."""
    return next((record for record in shipped(spec.kind) if record.spec == spec), None)


def my_jobs() -> list[Job]:
    """The jobs that this session may see: all of them on one's own machine, its own when hosted."""
    everyone = jobs().jobs()
    if not mode().hosted:
        return everyone
    return [job for job in everyone if owner() in job.owners]


def my_records() -> list[Record]:
    """The records that this session may see, newest first: shipped ones always, when hosted its own."""
    records = store().records(shipped=True)
    if mode().hosted:
        records = [record for record in records if record.shipped or _sees(record)]
    shipped = {record.key for record in records if record.shipped}
    # One that was computed here again is the same; the shipped one cannot be lost.
    return [record for record in records if record.shipped or record.key not in shipped]


def shipped(kind: str) -> list[Record]:
    """The records of a kind that ship with Isthmus."""
    return [record for record in store().of_kind(kind) if record.shipped]


def of_kind(kind: str) -> list[Record]:
    """The whole records of a kind that this session may see: shipped ones, then the newest first.

    What somebody brought as a file is not among them: it is shown only where its own link is opened.
    """
    whole = store().of_kind(kind)
    return [record for record in whole if record.shipped or not mode().hosted or _sees(record)]


def cancel(job: Job) -> None:
    """Stop a job; when hosted, other visitors who asked for the same keep theirs."""
    job.cancel(owner())
    if mode().hosted:
        mine().discard(job.key)


def bring_in(data: bytes) -> Record:
    """Store a record that this session brings as a zip file; RecordError for anything else."""
    record = store().bring_in(data, owner(), mode().unpacked_mb * MEGABYTE, reader().check)
    remember(record.key)
    return record


def may_delete(record: Record) -> bool:
    """Whether a record is this session's to delete: on one's own machine all are, but those that ship."""
    return not record.shipped and owner() in (None, record.owner)


def delete(key: str) -> None:
    """Delete a record; RecordError where it is not this session's to delete."""
    store().delete(key, owner())


def remember(key: str) -> None:
    """Let a record be seen among this session's own."""
    mine().add(key)


def mine() -> set[str]:
    """Keys of the records that this session asked for or brought, whosever they are."""
    return st.session_state.setdefault("isthmus_mine", set())


def owner() -> str | None:
    """Whose work this session does; None on one's own machine, where everything is one user's.

    Whoever signed in is the same in all his sessions. Anybody else is one for as long as his session. Who
    it is cannot be told from what stands for him.
    """
    if not mode().hosted:
        return None
    if settled().auth is not None and (subject := st.user.get("sub")):
        return store().mark_of(f"user {st.user.get('iss')} {subject}")
    name: str = st.session_state.setdefault("isthmus_owner", uuid.uuid4().hex)
    return store().mark_of(f"session {name}")


def _sees(record: Record) -> bool:
    """Whether this session, when hosted, finds a record without its link."""
    return record.key in mine() or record.owner == owner()


def obtain(spec: Spec, patience: float = 0.0) -> tuple[Record | None, Job | None]:
    """The record of a spec, or else the job that makes it, started if need be.

    Waits `patience` seconds for a job that may be quick. A job that failed or was cancelled is not
    started again by itself. Raises IsthmusError where the spec names what is not there.
    """
    check_names(spec)
    record = found(spec)
    if record:
        remember(record.key)
        return record, None
    job = jobs().job(spec.key())
    if job is None or job.state == "done":
        job = submit(spec, INTERACTIVE)
    if job.active and patience:
        job.wait(patience)
    return (found(spec), job) if job.state == "done" else (None, job)
