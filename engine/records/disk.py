"""Writing to the store's disk: whole or not at all, within the quota, and plain words when it is full.

Several processes may use one store at once: what is written is renamed into place, what is deleted is
renamed away. What is not finished is locked, and the system takes a lock back however a process ends: so
what a process left that was killed is told by that, and by no clock.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import uuid
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from engine.errors import RecordError
from engine.records import quota
from engine.records.folder import sync_folder, write_file
from engine.records.record import OWNER, Record


def fresh_folder(parent: Path) -> tuple[Path, int]:
    """A new folder in `parent`, and the file that has to stay open for as long as it is used."""
    while True:
        folder = parent / uuid.uuid4().hex
        folder.mkdir(parents=True)
        with suppress(FileNotFoundError):
            handle = os.open(folder, os.O_RDONLY)
            with suppress(OSError):  # a disk without locks
                fcntl.flock(handle, fcntl.LOCK_EX)
            if folder.exists():  # else somebody took it for left behind, a moment ago
                return folder, handle
            os.close(handle)


@contextmanager
def left_behind(path: Path) -> Iterator[bool]:
    """Whether whoever used a folder or file is gone; inside, nobody else is told so."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError:
        yield False
        return
    try:
        yield _free(handle) and path.exists()
    finally:
        os.close(handle)


def _free(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


WORKSHOP = ".tmp"
"""Where things are written before they are renamed, and moved before they are deleted."""

LOW = 0.95
"""The share of the quota that is left filled when it was exceeded."""

IMAGES_SHARE = 0.25
"""The share of the quota that uploaded images may fill, so that sending many drives no record out."""

FULL = (errno.ENOSPC, errno.EDQUOT)


class Disk:
    """The folder `root`, on which at most `quota_bytes` are kept."""

    def __init__(self, root: Path, quota_bytes: int) -> None:
        self.root = root
        self.quota_bytes = quota_bytes
        self._allowance = 0

    def check_writable(self) -> None:
        """RecordError where nothing can be written at all."""
        try:
            with self._workshop():
                pass
        except OSError as error:
            raise self._refusal(error, 0) from error

    def place_folder(self, target: Path, fill: Callable[[Path], None], needed: int) -> None:
        """Let `fill` write a folder of about `needed` bytes, then put it at `target`.

        A whole record that is there already is left alone, a damaged one is replaced.
        """

        def write() -> None:
            with self._workshop() as workshop:
                # The names are those at the target, so the folder reads as a record already.
                folder = workshop / target.parent.name / target.name
                folder.mkdir(parents=True)
                fill(folder)
                self._install(folder, target)

        self._with_room(write, needed, keep={target})

    def place_file(self, target: Path, data: bytes) -> None:
        """Write a file at `target`."""

        def write() -> None:
            with self._workshop() as workshop:
                write_file(workshop / target.name, data)
                target.parent.mkdir(parents=True, exist_ok=True)
                os.replace(workshop / target.name, target)
                sync_folder(target.parent)

        self._with_room(write, len(data), keep={target})

    def place_image(self, target: Path, data: bytes) -> None:
        """Write an uploaded image; others go, and no record, where they are more than their share."""
        self.place_file(target, data)
        with os.scandir(target.parent) as images:
            total = sum(quota.size_of(image) for image in images)
        room = int(IMAGES_SHARE * self.quota_bytes)
        if total > room:
            for image in quota.images_to_go(self.root, total - int(LOW * room), {target}):
                self.discard(image.path)

    def place_once(self, target: Path, data: bytes, mode: int = 0o644) -> bytes:
        """What stands in a file that is written only where it is not there: `data`, or what came first."""
        try:
            with suppress(FileNotFoundError):
                return target.read_bytes()
            with self._workshop() as workshop:
                write_file(workshop / target.name, data)
                (workshop / target.name).chmod(mode)
                try:
                    os.link(workshop / target.name, target)
                except FileExistsError:
                    pass
                except OSError:  # on a disk without hard links
                    os.replace(workshop / target.name, target)
            return target.read_bytes()
        except OSError as error:
            raise self._refusal(error, len(data)) from error

    def discard(self, path: Path) -> None:
        """Delete a folder or file at once for everybody who looks: it is renamed away first."""
        workshop = self.root / WORKSHOP
        aside = workshop / uuid.uuid4().hex
        try:
            workshop.mkdir(parents=True, exist_ok=True)
            # Where another process deletes it first, it is gone as it should be.
            with suppress(FileNotFoundError):
                path.rename(aside)
                _remove(aside)
        except OSError as error:
            raise self._refusal(error, 0) from error

    def _with_room(self, write: Callable[[], None], needed: int, keep: Collection[Path]) -> None:
        try:
            try:
                write()
            except OSError as error:
                if error.errno not in FULL:
                    raise
                self._make_room(needed, keep, error)
                write()
        except OSError as error:
            raise self._refusal(error, needed) from error
        self._keep_within_quota(needed, keep)

    def _make_room(self, needed: int, keep: Collection[Path], error: OSError) -> None:
        """Evict what `needed` bytes take; nothing at all if that would not be enough."""
        short = needed - self._free()
        # A user's own limit (EDQUOT) does not show in what the disk has free.
        wanted = short if short > 0 else needed
        going = quota.first_to_go(self.root, wanted, keep)
        if sum(holding.size for holding in going) < wanted:
            raise error
        for holding in going:
            self.discard(holding.path)

    def _refusal(self, error: OSError, needed: int) -> RecordError:
        if error.errno not in FULL:
            return RecordError(
                f"Cannot write to the store {self.root}: {error.strerror or error}. Make it "
                "writable, or set ISTHMUS_STORE to another folder."
            )
        return RecordError(
            f"The disk is full: about {needed / 1e6:,.1f} MB are needed in {self.root}, and "
            f"{self._free() / 1e6:,.1f} MB are free. Nothing was stored. Delete records or other "
            "files, or set ISTHMUS_STORE to a folder on a larger disk."
        )

    def _free(self) -> int:
        there = next(path for path in (self.root, *self.root.parents) if path.exists())
        return shutil.disk_usage(there).free

    def _keep_within_quota(self, written: int, keep: Collection[Path]) -> None:
        """Evict what exceeds the quota. Measures only now and then, for it looks at every file."""
        self._allowance -= written
        if self._allowance > 0:
            return
        self._sweep()
        total = sum(holding.size for holding in quota.holdings(self.root))
        if total > self.quota_bytes:
            # A little more than must go, so that a full store is not measured after every save.
            for holding in quota.first_to_go(self.root, total - int(LOW * self.quota_bytes), keep):
                self.discard(holding.path)
                total -= holding.size
        # A fraction of the room that is left, for other processes write into it too.
        self._allowance = max(0, self.quota_bytes - total) // 8

    @contextmanager
    def _workshop(self) -> Iterator[Path]:
        """A fresh folder on the store's disk, deleted afterwards with whatever is left in it."""
        folder, lock = fresh_folder(self.root / WORKSHOP)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)

    def _install(self, folder: Path, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        while True:
            try:
                folder.rename(target)
            except OSError as error:
                if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                    raise
            else:
                sync_folder(target.parent)
                return
            if not Record(target).damage:
                return
            with suppress(OSError):  # what replaces a damaged record is its owner's too
                shutil.copy(target / OWNER, folder)
            self.discard(target)

    def _sweep(self) -> None:
        """Delete what processes that were killed have left in the workshop."""
        for path in (self.root / WORKSHOP).glob("*"):
            with left_behind(path) as left:
                if left:
                    _remove(path)


def _remove(path: Path) -> None:
    """Delete a folder or file of the workshop; what cannot be deleted now is swept up later."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
