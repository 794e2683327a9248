"""A set that must be downloaded shows how far it is, once."""

from __future__ import annotations

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.shared import image_sets


def page() -> None:
    from pages.shared.image_sets import fetch

    fetch("far", "test")


def test_a_download_shows_a_bar_and_is_asked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[float, str]] = []

    def slow(name: str, split: str, report) -> None:  # type: ignore[no-untyped-def]
        report(1, 4, stage="Downloading far.tar.gz")

    def progress(self: object, value: float, text: str) -> None:
        seen.append((value, text))

    monkeypatch.setattr(image_sets, "load_dataset", slow)
    monkeypatch.setattr("streamlit.delta_generator.DeltaGenerator.progress", progress)
    st.cache_resource.clear()
    test = AppTest.from_function(page).run()
    test.run()
    assert not test.exception
    assert seen == [(0.25, "Downloading far.tar.gz")]
