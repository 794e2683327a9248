"""The store: a folder of records and uploaded images, over a read-only layer of shipped ones."""

from __future__ import annotations

import hmac
import os
import secrets
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import RecordError
from engine.experiments.base import Findings, Spec
from engine.reader import Reading
from engine.records import archive, quota
from engine.records import folder as files
from engine.records.disk import Disk
from engine.records.names import check_key, is_record
from engine.records.record import OWNER, Record, damaged, met
from engine.records.uploads import Uploads
from engine.shipped import ASSETS
from engine.uploaded import pixels_in

VARIABLE = "ISTHMUS_STORE"
SHIPPED = ASSETS / "records"

Check = Callable[[bytes, str], object]
"""Raises an IsthmusError unless a PNG file holds the picture with a digest."""


class Store:
    """Records under `root`/<kind>/<key> and uploaded images under `root`/images.

    `root` is $ISTHMUS_STORE or ~/.local/share/isthmus; `quota_bytes` $ISTHMUS_STORE_QUOTA_GB or 5 GB,
    above which the least recently used go. Any number of threads and processes may use one store.
    """

    def __init__(
        self,
        root: str | Path | None = None,
        shipped: str | Path | None = SHIPPED,
        quota_bytes: int | None = None,
    ) -> None:
        chosen = root or os.environ.get(VARIABLE) or "~/.local/share/isthmus"
        self.root = Path(chosen).expanduser().absolute()
        self.shipped = [Path(shipped)] if shipped else []
        self._disk = Disk(self.root, quota_bytes or quota.quota_from_environment())
        self._uploads = Uploads(self._disk, self.shipped)

    @property
    def quota_bytes(self) -> int:
        """How much is kept."""
        return self._disk.quota_bytes

    @property
    def identity(self) -> str:
        """A name that is the same for everybody who uses this store's folder, on any machine."""
        return self._disk.place_once(self.root / "identity", uuid.uuid4().hex.encode()).decode()

    def check_writable(self) -> None:
        """RecordError where nothing can be kept, with what to do."""
        self._disk.check_writable()

    def find(self, key: str) -> Record | None:
        """The record under `key`, None if there is none; RecordError if it is damaged."""
        layers = list(self._layers(check_key(key)))
        for record in layers:
            if not record.damage:
                record.touch()
                return record
        if layers:
            raise damaged(key, layers[0].damage)
        return None

    def records(self, shipped: bool = False) -> list[Record]:
        """The records, newest first, damaged ones among them; with `shipped`, those too."""
        found = [met(path) for path in quota.record_folders(self.root)]
        for root in self.shipped if shipped else ():
            found += [met(path, shipped=True) for path in quota.record_folders(root)]
        # A folder that another process has just deleted is no damaged record.
        there = [record for record in found if not record.damage or record.path.is_dir()]
        return sorted(there, key=lambda record: record.created, reverse=True)

    def of_kind(self, kind: str) -> list[Record]:
        """The whole records of a kind that were computed as they say: shipped ones, then the newest first."""
        shipped = [
            met(path, shipped=True)
            for root in self.shipped
            for path in sorted(root.glob(f"{kind}/*"))
        ]
        own = [met(path) for path in self.root.glob(f"{kind}/*") if is_record(kind, path.name)]
        own = [record for record in own if not record.imported]
        own.sort(key=lambda record: record.created, reverse=True)
        return [record for record in (*shipped, *own) if not record.damage]

    def save(self, spec: Spec, findings: Findings, environment: Mapping[str, Any]) -> Record:
        """Store what was found under the spec's key. RecordError where the disk does not let it."""
        target = self.root / spec.kind / spec.key()

        def fill(folder: Path) -> None:
            files.write_record(folder, spec, findings, environment)

        self._disk.place_folder(target, fill, files.size_of(findings))
        return Record(target)

    def delete(self, key: str, owner: str | None = None) -> None:
        """Delete a record; one that is not there is gone already. Shipped ones stay.

        With `owner`, only a record of his.
        """
        layers = list(self._layers(check_key(key)))
        if layers and all(record.shipped for record in layers):
            raise RecordError(f"The record {key} ships with Isthmus and cannot be deleted.")
        for record in layers:
            if owner is not None and not record.shipped and record.owner != owner:
                raise RecordError(
                    f"The record {key} is not yours to delete: somebody else had it computed, or brought "
                    "it, before you asked for it."
                )
            if not record.shipped:
                self._disk.discard(record.path)

    def claim(self, record: Record, owner: str) -> None:
        """Make a record `owner`'s (see `mark_of`), unless it ships or is somebody's already."""
        if not record.shipped and not record.owner:
            self._disk.place_once(record.path / OWNER, owner.encode())

    def mark_of(self, person: str) -> str:
        """An owner: what stands for a person here. Without the store's secret nobody can tell who that is."""
        return hmac.new(self._secret, person.encode(), "sha256").hexdigest()

    @cached_property
    def _secret(self) -> bytes:
        fresh = secrets.token_bytes(32)
        try:
            return self._disk.place_once(self.root / "owners.key", fresh, 0o600)
        except RecordError:  # where nothing can be kept, nothing is anybody's for long
            return fresh

    def pack(self, key: str) -> bytes:
        """A record, and the uploaded images that it refers to, as a zip file."""
        record = self.find(key)
        if record is None:
            raise RecordError(f"There is no record {key} to pack. Run its experiment first.")
        record.verify()
        names = [*record.entries, files.MANIFEST]
        contents = {name: (record.path / name).read_bytes() for name in names}
        images = {}
        for digest in sorted(record.uploads):
            # Without an image that is no longer there, the record can still be read.
            with suppress(RecordError):
                images[digest] = self.png(digest)
        return archive.to_zip(archive.Parcel(record.kind, record.key, contents, images))

    def unpack(self, data: bytes, key: str) -> Record:
        """Store the record `key` from a zip file of one's own worker; RecordError for anything else."""
        parcel = archive.from_zip(data)
        if parcel.key != key:
            raise RecordError(f"Expected the record {key}, got {parcel.key}. Run it again.")
        return self._place(parcel, key)

    def bring_in(
        self,
        data: bytes,
        owner: str | None = None,
        most: int = archive.MAX_BYTES,
        check: Check = pixels_in,
    ) -> Record:
        """Store a record that somebody, `owner`, brings as a zip file; RecordError for anything else.

        It may unpack to `most` bytes; `check` looks at its images.

        Nobody knows whether its numbers were computed as it says. So it is kept apart, marked
        `imported`, under an address that no spec has: whoever looks for a result does not meet it.
        """
        parcel = archive.from_zip(data, most)
        record = self._place(parcel, files.address_of(parcel.files[files.MANIFEST]), check)
        if owner is not None:
            self.claim(record, owner)
        return record

    def _place(self, parcel: archive.Parcel, key: str, check: Check = pixels_in) -> Record:
        target = self.root / parcel.kind / key

        def fill(folder: Path) -> None:
            for name, contents in parcel.files.items():
                files.write_file(folder / name, contents)
            if damage := Record(folder).damage:
                raise RecordError(f"The record in the zip file cannot be used: {damage}.")

        for digest, png in parcel.images.items():
            self._uploads.put_png(digest, png, check)
        self._disk.place_folder(target, fill, sum(map(len, parcel.files.values())))
        return Record(target)

    def put_image(self, image: np.ndarray, name: str = "") -> str:
        """Keep an uploaded image, uint8 (H, W, 3), without loss, with its file's name; returns its digest."""
        return self._uploads.put(image, name)

    def put_reading(self, reading: Reading) -> None:
        """Keep an uploaded image that a `Reader` has read."""
        self._uploads.keep(reading.digest, reading.png)

    def put_png(self, digest: str, png: bytes, check: Check = pixels_in) -> None:
        """Keep an uploaded image that comes as a PNG file, if `check` says so."""
        self._uploads.put_png(digest, png, check)

    def png(self, digest: str) -> bytes:
        """An uploaded image as a PNG file; RecordError if it is not there."""
        return self._uploads.png(digest)

    def image(self, digest: str) -> np.ndarray:
        """An uploaded image, uint8 (H, W, 3); RecordError if it is missing or has changed."""
        return self._uploads.image(digest)

    def _layers(self, key: str) -> Iterator[Record]:
        for number, root in enumerate([self.root, *self.shipped]):
            for path in root.glob(f"*/{key}"):
                yield met(path, shipped=number > 0)
