"""The stored results as rows of a table: what, how it ended, when, how long, how large."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from engine.errors import IsthmusError
from engine.experiments.base import GROUPS, Group
from engine.records import Record
from engine.records.names import IMPORTED
from engine.words import bare
from pages.shared.sortable import Cell, Choice, sortable
from pages.shared.thumbnails import portrait
from pages.shared.words import duration, size

DAMAGED = Group("Damaged", "Damaged")


def group_of(record: Record) -> Group:
    """What a record is listed under."""
    return DAMAGED if record.damage else record.spec.group


def offered(records: Sequence[Record]) -> dict[str, Group]:
    """What can be listed, by title: the usual groups, and others where a record belongs to one."""
    groups = dict.fromkeys((*GROUPS, *map(group_of, records)))
    return {group.title: group for group in groups}


def rows(records: Sequence[Record]) -> pd.DataFrame:
    """One row a record, in the given order."""
    return pd.DataFrame([_row(record) for record in records])


def title_of(record: Record) -> str:
    """A record in one line, for choosing it from a list."""
    if record.damage:
        return f"damaged {record.kind} {record.key[:8]}"
    if record.imported:
        return f"{record.spec.words()} (imported {record.key.removeprefix(IMPORTED)[:8]})"
    return f"{record.spec.words()} ({record.key[:8]})"


COLUMNS = ("What", "Outcome", "When (UTC)", "Kind", "Time", "Size", "Origin")
WIDE = 3
"""Columns from this one on are left out on a narrow screen."""

PICTURED = 100
"""So many results, the newest, are shown with their pictures: reading those of all would take too long."""


def table(
    records: Sequence[Record],
    chosen: Sequence[str],
    change: Callable[[list[str]], None],
) -> None:
    """The sortable table, newest first; `change` is told the keys that are chosen."""
    lines = rows(records).to_dict("records")
    cells = [
        _cells(record, line, number < PICTURED)
        for number, (record, line) in enumerate(zip(records, lines, strict=True))
    ]
    choice = Choice([record.key for record in records], chosen, change)
    sortable(
        COLUMNS, cells, by=2, label="Stored results", key="runs_table", choice=choice, wide=WIDE
    )


def _cells(record: Record, line: dict[Any, Any], pictured: bool) -> list[Cell]:
    seconds = None if record.damage else record.environment.get("seconds")
    address = record.spec.page if not record.damage else ""
    return [
        Cell(
            line["what"],
            hover=record.key,
            pictures=portrait(record) if pictured else (),
            href=f"{address}?run={record.key}" if address else "",
        ),
        Cell(line["outcome"]),
        Cell(f"{line['when']:%Y-%m-%d %H:%M}", value=line["when"].timestamp()),
        Cell(line["kind"]),
        Cell(duration(seconds), value=seconds) if seconds else Cell("–"),
        Cell(size(size_of(record)), value=line["megabytes"]),
        Cell(line["origin"]),
    ]


def size_of(record: Record) -> int:
    """Bytes on disk; 0 where that is not known."""
    try:
        return sum(entry.size for entry in record.entries.values())
    except IsthmusError:
        return 0


def size_words(record: Record) -> str:
    return size(size_of(record))


def _origin(record: Record) -> str:
    if record.shipped:
        return "shipped"
    if record.imported:
        return "imported, unchecked"
    return "computed here, older revision" if record.outdated else "computed here"


def _row(record: Record) -> dict[str, Any]:
    whole = not record.damage
    return {
        "what": bare(record.spec.words()) if whole else f"{record.kind} {record.key}",
        "outcome": record.outcome,
        "when": record.created.replace(tzinfo=None),
        "seconds": record.environment.get("seconds") if whole else None,
        "megabytes": size_of(record) / 1e6,
        "kind": group_of(record).one,
        "origin": _origin(record),
        "key": record.key,
    }
