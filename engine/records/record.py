"""A record: one experiment's result, read from its folder when it is asked for, never trusted blindly."""

from __future__ import annotations

import os
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from threading import Event, Lock
from time import time_ns
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from engine.errors import IsthmusError, RecordError
from engine.experiments import spec_class
from engine.experiments.base import Columns, Findings, Spec, canonical_json
from engine.experiments.result import Result
from engine.methods import Methods
from engine.records import folder as files
from engine.records.command import command_of, flags_of
from engine.records.names import IMAGES, is_imported, uploads_in
from engine.uploaded import read_name

if TYPE_CHECKING:
    import pandas as pd

Value = TypeVar("Value")
Kind = TypeVar("Kind", bound=Result)

VERDICT = "damaged.txt"
"""Holds what reading or verifying found wrong, so that nobody takes the record for whole again."""

MOST_MET = 2000
"""Of so many records it is remembered what they are."""

KEPT_BYTES = 48_000_000
"""So much of what was read of them is kept, the arrays and tables of those last met."""

SETTLED_NS = 1_000_000_000
"""Files that changed less than this ago may change again and look the same: clocks of disks are coarse."""

OWNER = "owner.txt"
"""Holds whose record it is. Like the verdict it belongs to the store, and does not travel in a zip file."""


class Record:
    """What is stored of one experiment, in the folder `path`.

    `imported` tells that it came as a file, so nobody knows whether its numbers were computed as it
    says. `damage` says in words what is wrong with it and is empty for a whole record. Reading a part that
    is missing or has changed raises RecordError.
    """

    def __init__(self, path: Path, shipped: bool = False) -> None:
        self.path = path
        self.kind = path.parent.name
        self.key = path.name
        self.shipped = shipped
        self.imported = is_imported(path.name)
        self.read_bytes = 0
        """How much of its arrays and tables is in memory."""

    def __repr__(self) -> str:
        return f"<Record {self.kind} {self.key}{', damaged' if self.damage else ''}>"

    @cached_property
    def spec(self) -> Spec:
        """The parameters of the experiment."""
        with self._telling():
            return self._read_spec()

    @cached_property
    def summary(self) -> dict[str, Any]:
        """Findings that are single values, as plain JSON types."""
        with self._telling():
            return files.read_json(self.path, files.SUMMARY, self.entries)

    @cached_property
    def environment(self) -> dict[str, Any]:
        """Versions, device, precision, seed, digests, seconds it took, and when."""
        with self._telling():
            return files.read_json(self.path, files.ENVIRONMENT, self.entries)

    @cached_property
    def arrays(self) -> Mapping[str, np.ndarray]:
        """The arrays by name, each read when it is first asked for; nobody may change them."""
        return Lazy(self._array_names(), self._kept_array)

    @cached_property
    def tables(self) -> Mapping[str, pd.DataFrame]:
        """The tables by name, each read when it is first asked for."""
        with self._telling():
            names = [Path(name) for name in self.entries if name.endswith(files.TABLE)]
        return Frames([name.stem for name in names], self._kept_table)

    @cached_property
    def result(self) -> Result:
        """What was found, by name and with its type: an object of the kind's own class."""
        return self.spec.result_class(self.spec, self.arrays, self.tables, self.summary, self.key)

    def found(self, kind: type[Kind]) -> Kind:
        """The result as one of a class; RecordError for a record that holds something else."""
        if not isinstance(self.result, kind):
            raise RecordError(f"The record {self.key} holds no {kind.__name__}: it is {self.kind}.")
        return self.result

    @property
    def outcome(self) -> str:
        """How it ended, in a few words for a row of a list."""
        if self.damage:
            return f"Damaged: {self.damage}"
        # Numbers that somebody brought need not be what their experiment writes.
        with suppress(LookupError, TypeError, ValueError, AttributeError):
            return self.result.outcome
        return "Its summary is not one of this experiment"

    @property
    def findings(self) -> Findings:
        """Everything that was found, read anew, so whoever asks may do with it what he likes."""
        frames = {name: self._table(name) for name in self.tables}
        tables: dict[str, Columns] = {
            name: {column: table[column].to_numpy() for column in table}
            for name, table in frames.items()
        }
        arrays = {name: self._array(name) for name in self.arrays}
        return Findings(arrays, tables, dict(self.summary))

    @property
    def command(self) -> str:
        """The line of shell that computes this record again."""
        return command_of(self.spec)

    @property
    def words(self) -> str:
        """One line for a listing: when it was made and what is not at its default."""
        if self.damage:
            return f"damaged: {self.damage}"
        marks = {"imported": self.imported, "older revision": self.outdated}
        origin = [mark for mark, set_ in marks.items() if set_]
        return " ".join([f"{self.created:%Y-%m-%d %H:%M} UTC", *origin, *flags_of(self.spec)])

    @property
    def created(self) -> datetime:
        """When the record was computed, in UTC."""
        with suppress(RecordError, KeyError, TypeError, ValueError):
            moment = datetime.fromisoformat(self.environment["created"])
            return moment.replace(tzinfo=moment.tzinfo or UTC)
        with suppress(OSError):
            return datetime.fromtimestamp(self.path.stat().st_mtime, UTC)
        return datetime.fromtimestamp(0, UTC)

    @property
    def owner(self) -> str:
        """Whose record it is, as the store's mark of him; empty where it is nobody's."""
        with suppress(OSError):
            return (self.path / OWNER).read_text(errors="replace")
        return ""

    @property
    def outdated(self) -> bool:
        """Whether an earlier revision of its experiment computed it, so that its numbers may be others."""
        return not self.damage and self.environment.get("revision") != self.spec.revision

    @property
    def uploads(self) -> frozenset[str]:
        """Digests of the uploaded images that the spec refers to."""
        with suppress(OSError, ValueError):
            return uploads_in((self.path / files.SPEC).read_text())
        return frozenset()

    @cached_property
    def entries(self) -> dict[str, files.Entry]:
        """The record's files as its manifest lists them."""
        return files.read_manifest(files.read_file(self.path / files.MANIFEST))

    @cached_property
    def damage(self) -> str:
        """What is wrong with the record, or the empty string. Cheap: it reads no array and no table."""
        try:
            if (self.path / VERDICT).exists():
                return (self.path / VERDICT).read_text(errors="replace")
            files.check_listing(self.path, self.entries)
            vars(self).setdefault("spec", self._read_spec())
            files.check_address(self.key, self.path, self.entries)
            summary = files.read_json(self.path, files.SUMMARY, self.entries)
            vars(self).setdefault("summary", summary)
        except RecordError as error:
            return str(error)
        except OSError as error:
            return f"its folder cannot be read ({error.strerror})"
        return ""

    def verify(self) -> None:
        """Read every byte and compare it with the manifest; RecordError where they differ."""
        with self._telling():
            if self.damage:
                raise RecordError(self.damage)
            files.check_digests(self.path, self.entries)

    def touch(self) -> None:
        """Count as used now, so that the record is evicted last."""
        # A store on a read-only disk can be read all the same.
        with suppress(OSError):
            os.utime(self.path / files.MANIFEST)

    def _read_spec(self) -> Spec:
        document = files.read_json(self.path, files.SPEC, self.entries)
        if document.pop("kind", None) != self.kind:
            raise RecordError(f"its {files.SPEC} is not of the kind {self.kind!r}")
        for digest in uploads_in(canonical_json(document)):
            read_name(self.path.parents[1] / IMAGES / f"{digest}.png", digest)
        try:
            return spec_class(self.kind).from_document(document)
        except IsthmusError as error:
            raise RecordError(f"this version cannot read its parameters ({error})") from error

    @cached_property
    def _arrays_path(self) -> Path:
        """The file of arrays, once every byte of it has been compared."""
        files.check_digests(self.path, {files.ARRAYS: self.entries[files.ARRAYS]})
        return self.path / files.ARRAYS

    def _array_names(self) -> list[str]:
        with self._telling(), self._opened_arrays() as arrays:
            return list(arrays.files)

    def _array(self, name: str) -> np.ndarray:
        with self._telling(), self._opened_arrays() as arrays:
            found: np.ndarray = arrays[name]
        return found

    @contextmanager
    def _opened_arrays(self) -> Iterator[Any]:
        try:
            with np.load(self._arrays_path, allow_pickle=False) as arrays:
                yield arrays
        except (zipfile.BadZipFile, zlib.error, ValueError, EOFError) as error:
            raise files.CorruptFileError(f"its file {files.ARRAYS} is corrupt ({error})") from error
        except (OSError, MemoryError) as error:
            raise RecordError(f"its file {files.ARRAYS} cannot be read ({error})") from error

    def _table(self, name: str) -> pd.DataFrame:
        import pyarrow as pa
        from pyarrow import parquet

        with self._telling():
            data = files.read_checked(self.path, f"{name}{files.TABLE}", self.entries)
            try:
                return parquet.read_table(pa.BufferReader(data)).to_pandas()
            except (OSError, ValueError) as error:
                raise files.CorruptFileError(f"its table {name} is corrupt ({error})") from error

    def _kept_array(self, name: str) -> np.ndarray:
        array = self._array(name)
        array.setflags(write=False)
        self._has_read(array.nbytes)
        return array

    def _kept_table(self, name: str) -> pd.DataFrame:
        table = self._table(name)
        self._has_read(int(table.memory_usage(deep=True).sum()))
        return table

    def _has_read(self, size: int) -> None:
        self.read_bytes += size
        _crowd.set()

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Turn what is wrong into a sentence with a way out, and remember wrong contents."""
        try:
            yield
        except RecordError as error:
            if not self.path.is_dir():
                raise RecordError(
                    f"The record {self.key} is no longer in the store: it was deleted, or evicted "
                    "to make room. Run the experiment again."
                ) from error
            if isinstance(error, files.CorruptFileError):
                self._condemn(str(error))
            raise damaged(self.key, str(error)) from error

    def _condemn(self, reason: str) -> None:
        self.__dict__["damage"] = reason
        if not self.shipped:
            # Where the disk is full or read-only the verdict is lost and found again next time.
            with suppress(OSError):
                (self.path / VERDICT).write_text(reason)


Look = tuple[tuple[str, int, int, int], ...]
"""What tells the files of a folder from other ones, without reading them."""

_LIGHT = ("entries", "spec", "summary", "environment", "damage", "_arrays_path")
_met: dict[tuple[Path, bool], tuple[Look, Record]] = {}
_lock = Lock()
_crowd = Event()
"""Set when something was read since it was last seen to that it is not too much."""


def met(path: Path, shipped: bool = False) -> Record:
    """The record in a folder: the very one that was last met there, if no file has changed since."""
    look = _look(path)
    with _lock:
        before, known = _met.pop((path, shipped), (None, None))
        whole = known is not None and look is not None and before == look
        record = (
            known if known and whole and not vars(known).get("damage") else Record(path, shipped)
        )
        if look:
            _met[path, shipped] = look, record  # behind all others
        if len(_met) > MOST_MET:
            del _met[next(iter(_met))]
        if _crowd.is_set():
            _crowd.clear()
            _make_room()
    return record


def _make_room() -> None:
    """Let go of what was read of the records that were not met for longest."""
    room = KEPT_BYTES
    for place, (look, record) in reversed(_met.items()):
        room -= record.read_bytes
        if room < 0 and record.read_bytes:
            # Whoever looks at it at this moment keeps all of it.
            light = Record(record.path, record.shipped)
            vars(light).update(
                {name: vars(record)[name] for name in _LIGHT if name in vars(record)}
            )
            _met[place] = look, light


def _look(path: Path) -> Look | None:
    """How a record's files look; None where they cannot be seen, or may be changing at this moment."""
    try:
        with os.scandir(path) as listing:
            stats = [(file.name, file.stat()) for file in listing if file.name != OWNER]
    except OSError:
        return None
    # The manifest is touched whenever its record is found.
    newest = max((s.st_mtime_ns for name, s in stats if name != files.MANIFEST), default=0)
    if time_ns() - newest < SETTLED_NS:
        return None
    looks = [
        # Nobody can put back the time of the last change, as one can that of the last writing.
        (name, stat.st_ino, stat.st_size, 0 if name == files.MANIFEST else stat.st_ctime_ns)
        for name, stat in sorted(stats)
    ]
    return (("methods", Methods.changes, 0, 0), *looks)  # which its parameters are read by


class Lazy(Mapping[str, Value]):
    """Named values, each loaded when it is first asked for and then kept."""

    def __init__(self, names: list[str], load: Callable[[str], Value]) -> None:
        self._load = load
        self._values: dict[str, Value | None] = dict.fromkeys(names)

    def __getitem__(self, name: str) -> Value:
        value = self._values[name]
        if value is None:
            value = self._values[name] = self._load(name)
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __reduce__(self) -> tuple[type[Lazy[Value]], tuple[list[str], Callable[[str], Value]]]:
        return type(self), (list(self), self._load)


class Frames(Lazy["pd.DataFrame"]):
    """Tables; each time a copy, so that nobody changes another's.

    One that shared its columns would leave a reference behind at the table that is kept.
    """

    def __getitem__(self, name: str) -> pd.DataFrame:
        return super().__getitem__(name).copy()


def damaged(key: str, reason: str) -> RecordError:
    """The error for a record that is not whole, with the two ways out."""
    return RecordError(
        f"The record {key} is damaged: {reason}. Delete it, or run the experiment again, which "
        "replaces it."
    )
