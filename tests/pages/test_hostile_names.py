"""Names that people chose, in files, addresses and results: never Markdown, HTML or formulas."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from google.protobuf.message import Message
from streamlit.testing.v1 import AppTest

from engine.classifiers import card
from engine.experiments.pair.real_real import RealReal
from engine.records import Record, Store, folder
from pages.shared.downloads import as_csv
from pages.shared.shell import page_of
from pages.shared.words import plain
from tests.keeping import keep
from tests.pages.conftest import choose
from tests.records.packed import repacked_with_manifest

Open = Callable[..., AppTest]

EVIL = "=![x](evil{}.png) <img src=evil> **b** `c` $d$"
"""What a name may be: a formula, a picture from elsewhere, HTML, and the rest of Markdown."""

RAW = ("![x](", "<img src=evil>")

AS_IT_IS = {"alt", "spec", "data", "id", "json", "raw_value", "raw_values"}
"""Fields of Streamlit's messages whose text is shown, or drawn, as it is."""

CODE = {"code", "text"}
"""Elements whose whole text is."""

CHOICES = {"selectbox", "multiselect"}
"""Elements whose options are; those of all others are Markdown."""

KINDS = ("real-real", "real-adversarial", "verdict", "manifold", "pair-statistics")
"""Those whose pages name classes."""


def renamed(packed: bytes, record: Record) -> bytes:
    """A record's zip file in which the classes have other names."""
    names = {name: EVIL.format(k) for k, name in enumerate(card("shapes-resnet").classes)}

    def told(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: told(item) for name, item in value.items()}
        if isinstance(value, list):
            return [told(item) for item in value]
        return names.get(value, value) if isinstance(value, str) else value

    changed = {folder.SUMMARY: json.dumps(told(record.summary)).encode()}
    for name, table in record.tables.items():
        sink = io.BytesIO()
        table.map(told).to_parquet(sink)
        changed[f"{name}{folder.TABLE}"] = sink.getvalue()
    for name, data in changed.items():
        packed = repacked_with_manifest(packed, name, data)
    return packed


def nodes(node: Any) -> Iterator[Any]:
    """All elements of a page, and what they lie in."""
    yield node
    for child in getattr(node, "children", {}).values():
        yield from nodes(child)


def texts(message: Message) -> Iterator[str]:
    """All texts in a message that may be taken for Markdown."""
    for field, value in message.ListFields():
        if field.name in AS_IT_IS or (
            field.message_type and field.message_type.GetOptions().map_entry
        ):
            continue
        for part in value if field.is_repeated else [value]:
            if isinstance(part, Message):
                yield from texts(part)
            elif isinstance(part, str):
                yield part


def check(test: AppTest) -> int:
    """No text of the page has a name in it that is taken for more than a name; how many have one."""
    assert not test.exception
    met = 0
    for node in nodes(test._tree):
        if getattr(node, "proto", None) is None or node.type in CODE:
            continue
        for text in texts(node.proto):
            if node.type in CHOICES and text in node.proto.options:
                continue
            raw = RAW[1:] if node.type == "html" else RAW  # in HTML the others are nothing
            assert not any(one in text for one in raw), f"{node.type}: {text}"
            met += "evil" in text
    return met


@pytest.mark.parametrize("kind", KINDS)
def test_names_of_classes_are_names(app: Open, store: Store, queue: Any, kind: str) -> None:
    shipped = Store()
    records = [one for one in shipped.records(shipped=True) if one.shipped and one.kind == kind]
    shapes = [one for one in records if "shapes" in one.spec.canonical()]
    record = min(shapes, key=lambda one: one.created)  # a straight path tells of its ends in words
    queue.held = True
    brought = store.bring_in(renamed(shipped.pack(record.key), record))
    assert check(app(page_of(record.spec), run=brought.key))
    store.delete(brought.key)


def test_names_of_files_are_names(app: Open, store: Store, queue: Any, connected: Record) -> None:
    queue.held = True
    noise = np.random.default_rng(3).integers(0, 256, (2, 9, 9, 3), dtype=np.uint8)
    ends = [f"upload:{store.put_image(one, EVIL.format(k))}" for k, one in enumerate(noise)]
    assert isinstance(connected.spec, RealReal)
    spec = replace(connected.spec, first=ends[0], second=ends[1])
    record = keep(store, spec, connected.findings)
    try:
        check(app("pages/real_real/page.py", run=record.key))
        runs = app("pages/runs/page.py")
        choose(runs, [record.key])
        assert check(runs)
    finally:
        store.delete(record.key)
    job = queue.submit(replace(spec, points=50))
    assert check(app("pages/real_real/page.py", run=job.key))
    job.end("failed", f"{EVIL} is not a picture.")
    assert check(app("pages/real_real/page.py", run=job.key))


@pytest.mark.parametrize(
    ("page", "query"),
    [
        ("real_real", {"run": EVIL}),
        ("real_real", {"rr_classifier": EVIL, "rr_dataset": EVIL}),
        ("real_adversarial", {"ra_source": EVIL, "ra_first": EVIL}),
        ("detector", {"image": EVIL, "dt_classifier": EVIL}),
    ],
)
def test_what_an_address_says_is_repeated_as_it_is(
    app: Open, queue: Any, page: str, query: dict[str, str]
) -> None:
    queue.held = True
    check(app(f"pages/{page}/page.py", **query))


def test_a_cell_of_a_spreadsheet_is_no_formula() -> None:
    harmful = ["=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"]
    table = pd.DataFrame({"class": ["disc", *harmful], "=loss": np.linspace(-1, 1, 8)})
    head, *rows = csv.reader(io.StringIO(as_csv(table).decode(), newline=""))
    assert head == ["class", "'=loss"]
    assert [name for name, _ in rows] == ["disc", *(f"'{cell}" for cell in harmful)]
    assert [float(loss) for _, loss in rows] == list(table["=loss"])  # a negative number stays one


def test_every_table_of_the_pages_leaves_by_the_one_way(request: pytest.FixtureRequest) -> None:
    root = request.config.rootpath
    files = [path for room in ("pages", "engine") for path in (root / room).rglob("*.py")]
    writing = [path.name for path in files if ".to_csv(" in path.read_text()]
    assert writing == ["downloads.py"]


def test_plain_words_are_unchanged() -> None:
    for words in ("half disc", "Käfer 甲.png", "-1", "a (b), 99.4 %", "it's"):
        assert plain(words) == words
