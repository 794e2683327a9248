"""What runs in a Dask worker. The server imports this too, so torch comes in only when work begins."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from importlib import import_module

from distributed import get_worker

from engine.errors import IsthmusError, JobError
from engine.experiments.base import Spec
from engine.jobs.answering import Answer, Progress, answered
from engine.jobs.parts import Spread
from engine.jobs.turns import Claim
from engine.local_files import asked_from
from engine.records import Store, run
from engine.records.running import compute


def perform(
    spec: Spec, key: str, uploads: Mapping[str, bytes], folder: str, pack: bool, claim: Claim
) -> Answer:
    """Run `spec` into this worker's store, and with `pack` return the record as a zip file too.

    `uploads` are the images that the spec refers to, as PNG files by digest; relative paths in it begin in
    `folder`.
    """
    with asked_from(folder):
        return answered(lambda: _perform(spec, key, uploads, pack, claim))


def warm_up(network: str = "", folder: str = "") -> None:
    """Import what every experiment needs, and try a network, so that the first one does not wait for it."""
    needed = ("finders.connecting", "synthesis.visualising", "classifiers.zoo")
    for name in ("torch", "pandas", "pyarrow.parquet", *(f"engine.{room}" for room in needed)):
        import_module(name)
    if network:
        from engine.classifiers import load_classifier

        with asked_from(folder), suppress(IsthmusError):  # whoever uses it is told
            load_classifier(network)


def rehearse(spec: Spec, folder: str = "") -> None:
    """Compute `spec` for what that leaves warm, and keep nothing of it."""
    with asked_from(folder), suppress(IsthmusError):
        compute(spec)


def _perform(
    spec: Spec, key: str, uploads: Mapping[str, bytes], pack: bool, claim: Claim
) -> Answer:
    report = Progress(spec, key, claim)
    with report.computing():
        if not pack:
            report(0, 1, stage="Starting")
        if spec.key() != key:
            raise JobError(
                "The worker has another version of Isthmus, of the weights or of the images than the "
                "server, so its result would not be the one asked for. Install the same on both."
            )
        store = Store()
        for digest, png in uploads.items():
            store.put_png(digest, png)
        run(spec, store=store, report=report, spread=Spread(store, report, claim))
        parcel = store.pack(key) if pack else b""
    return Answer("done", get_worker().address, store.identity, parcel)
