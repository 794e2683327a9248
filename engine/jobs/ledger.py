"""What a queue has under way, kept in the store until it ends, so that the next queue goes on with it.

Each queue has a folder of its own, which is locked while it lives. It names owners as the store does, so
nobody can tell from it who they are.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.errors import IsthmusError
from engine.experiments import spec_class
from engine.experiments.base import Spec
from engine.records.disk import fresh_folder, left_behind

FOLDER = ".queue"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Entry:
    """A job under way: whether it has `begun`, and how many servers were killed while it was computed."""

    spec: Spec
    priority: int
    owners: tuple[str | None, ...]
    begun: bool = False
    deaths: int = 0

    def to_json(self) -> str:
        """The entry as JSON."""
        return json.dumps({**vars(self), "spec": json.loads(self.spec.canonical())})

    @classmethod
    def from_json(cls, text: str) -> Entry:
        """The entry again; IsthmusError or ValueError where it is none, or of another version."""
        document = json.loads(text)
        about = document.pop("spec")
        spec = spec_class(about.pop("kind")).from_document(about)
        return cls(**{**document, "spec": spec, "owners": tuple(document["owners"])})


class Ledger:
    """The entries of one queue in the store at `root`. Where nothing can be written, nothing is kept."""

    def __init__(self, root: Path) -> None:
        self._parent = root / FOLDER
        self._folder, self._lock = fresh_folder(self._parent)

    def note(self, key: str, entry: Entry) -> None:
        """Keep an entry, in place of the one that was there."""
        fresh = self._folder / f"{key}.new"
        try:
            fresh.write_text(entry.to_json())
            fresh.rename(self._folder / f"{key}.json")
        except OSError as error:
            log.warning("A job is not kept for the next server: %s", error)

    def strike(self, key: str) -> None:
        """Keep no entry of this job."""
        (self._folder / f"{key}.json").unlink(missing_ok=True)

    def inherited(self) -> Iterator[Entry]:
        """What queues had under way that are gone; it is struck there once all of it was taken."""
        for folder in self._parent.iterdir():
            with left_behind(folder) as left:
                if left:
                    yield from _entries(folder)
                    shutil.rmtree(folder, ignore_errors=True)

    def close(self) -> None:
        """Leave what is under way to the next queue."""
        if not any(self._folder.iterdir()):
            shutil.rmtree(self._folder, ignore_errors=True)
        os.close(self._lock)


def _entries(folder: Path) -> list[Entry]:
    """The entries in a folder, those that had begun before the others."""
    found = []
    for path in sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime_ns):
        try:
            found.append(Entry.from_json(path.read_text()))
        except (IsthmusError, OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            log.warning("A job of an earlier server cannot be gone on with: %s", error)
    return sorted(found, key=lambda entry: not entry.begun)
