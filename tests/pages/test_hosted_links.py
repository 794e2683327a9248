"""Addresses that name the server's own files: refused alike on every page, there or not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from engine.images import encode_png
from engine.records import Store
from pages.shared import service
from tests.pages.detections import benchmark_record

Open = Callable[..., AppTest]

DIGITS = {"classifier": "digits-resnet", "dataset": "digits"}


def on(prefix: str, **values: str) -> dict[str, str]:
    """The digits for a page whose widgets begin with `prefix`, and other values."""
    return {f"{prefix}_{name}": value for name, value in {**DIGITS, **values}.items()}


PREFIXES = ("rr", "ra", "pop", "mf", "un", "dt", "bm")

ADDRESSES = [
    ("real_real", on("rr", first="file:{}", second="257")),
    ("real_real", on("rr", first="253", second="file:{}")),
    ("real_real", on("rr", dataset="folder:{}")),
    ("real_real", on("rr", dataset="parquet:{}")),
    ("real_real", {"rr_classifier": "file:{}"}),
    ("real_adversarial", on("ra", first="253", source="file:{}", second="257")),
    ("real_adversarial", on("ra", first="file:{}")),
    ("real_adversarial", {"ra_view": "Population", **on("pop", dataset="folder:{}")}),
    ("manifold", {"mf_classifier": "file:{}"}),
    ("untrained", {"un_view": "Networks", "un_classifier": "file:{}"}),
    ("detector", {"dt_classifier": "digits-resnet", "image": "file:{}"}),
    ("detector", {"dt_classifier": "digits-resnet", "image": "7,file:{}"}),
    ("detector", {"dt_classifier": "digits-resnet", "image": "file:{} 7"}),
    ("detector", {"dt_classifier": "file:{}", "image": "7"}),
    ("detector", {"dt_view": "Benchmark", **on("bm", dataset="parquet:{}")}),
]


def said(test: AppTest) -> list[str]:
    """All words on the page."""
    kinds = ("error", "warning", "info", "success", "markdown", "caption")
    return [str(element.value) for kind in kinds for element in test.get(kind)]


@pytest.mark.parametrize(("page", "query"), ADDRESSES, ids=lambda value: str(value)[:70])
def test_no_address_tells_what_lies_on_the_disk(
    app: Open,
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    page: str,
    query: dict[str, str],
) -> None:
    benchmark_record(store)
    monkeypatch.setattr(service, "mine", lambda: {record.key for record in store.records()})
    there, elsewhere = tmp_path / "a.png", tmp_path / "b.png"
    there.write_bytes(encode_png(np.zeros((8, 8, 3), np.uint8)))
    monkeypatch.setenv("ISTHMUS_MODE", "hosted")
    told = []
    # The first time a page may show a first look at its own pair, whose other points follow.
    for path in (there, there, elsewhere):
        asked = {name: value.format(path) for name, value in query.items()}
        test = app(f"pages/{page}/page.py", **asked)
        assert not test.exception
        told.append(
            [words.replace(str(path), "PATH").replace(path.name, "NAME") for words in said(test)]
        )
    assert told[1] == told[2]
    assert not any("Cannot read" in words for words in told[0])
    # The widget for the classifier takes no other names here: it shows the usual one instead.
    unknown = "file:{}" in (query.get(f"{prefix}_classifier") for prefix in PREFIXES)
    assert unknown or any("hosted demo" in words for words in told[0])
    specs = [
        (record.path / "spec.json").read_text() for record in store.records() if not record.damage
    ]
    assert not any(path.name in spec for path in (there, elsewhere) for spec in specs)


DIGITS_5000 = "9" * 5000

LONG = [
    ("real_real", on("rr", first=DIGITS_5000)),
    ("real_real", on("rr", label=DIGITS_5000)),
    ("real_real", {"rr_dataset": f"shapes@{DIGITS_5000}"}),
    ("real_real", {"rr_classifier": f"untrained:resnet18@{DIGITS_5000}"}),
    ("real_adversarial", on("ra", first="253", source=DIGITS_5000)),
    ("real_adversarial", {"ra_view": "Population", "pop_pairs": DIGITS_5000}),
    ("manifold", {"mf_label": DIGITS_5000}),
    ("untrained", {"un_view": "Networks", "un_steps": DIGITS_5000}),
    ("detector", {"dt_classifier": "digits-resnet", "image": DIGITS_5000}),
    ("runs", {"run": DIGITS_5000}),
]


@pytest.mark.parametrize(("page", "query"), LONG, ids=lambda value: str(value)[:40])
def test_no_number_is_too_long_for_a_page(
    app: Open, monkeypatch: pytest.MonkeyPatch, page: str, query: dict[str, str]
) -> None:
    monkeypatch.setenv("ISTHMUS_MODE", "hosted")
    assert not app(f"pages/{page}/page.py", **query).exception
