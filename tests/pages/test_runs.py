"""The runs page: list, open, compare, take away, bring back, delete."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from engine.experiments.pair.real_real import RealReal
from engine.records import Record, Store, run
from engine.records.folder import SUMMARY
from pages.runs.listing import DAMAGED, group_of, rows
from pages.shared import service
from pages.shared.setup import Setup
from pages.shared.thumbnails import portrait
from tests.pages.conftest import choose, listed
from tests.records.packed import repacked_with_manifest, summary_of

PAGE = "pages/runs/page.py"
Open = Callable[..., AppTest]


@pytest.fixture
def second(connected: Record, store: Store) -> Record:
    """Another result on the same pictures."""
    assert isinstance(connected.spec, RealReal)
    return run(replace(connected.spec, points=60), store=store)


def test_results_are_listed_with_units(app: Open, connected: Record) -> None:
    assert not app(PAGE).exception
    row = rows([connected]).iloc[0]
    assert "nats" in row["outcome"]
    assert len(portrait(connected)) == 2
    assert row["what"].endswith("digits, digits-resnet")
    assert row["megabytes"] > 0


def test_whatever_ships_and_is_listed_has_a_picture(tmp_path: Path) -> None:
    shown = [one for one in Store(tmp_path).records(shipped=True) if one.spec.group.news]
    kinds = {(one.kind, len(one.result.portrait) > 0): one for one in shown}
    assert [kind for kind, one in kinds.items() if not portrait(one)] == []


def test_two_results_are_compared(app: Open, connected: Record, second: Record) -> None:
    test = app(PAGE)
    choose(test, [connected.key, second.key])
    assert not test.exception
    assert "Side by side" in [element.value for element in test.header]
    assert len(test.get("vega_lite_chart")) == 1


def test_a_deleted_result_is_gone_and_the_others_stay(
    app: Open, connected: Record, second: Record, store: Store
) -> None:
    test = app(PAGE)
    choose(test, [second.key])
    test.button(key="runs_delete_yes").click().run()
    assert not test.exception
    assert store.find(second.key) is None
    assert store.find(connected.key) is not None


def test_a_damaged_result_is_shown_as_such(tmp_path: Path, connected: Record, app: Open) -> None:
    store = Store(tmp_path, shipped=None)
    record = store.bring_in(service.store().pack(connected.key))
    (record.path / "summary.json").write_text("{")
    (damaged,) = store.records()
    assert group_of(damaged) == DAMAGED
    assert rows([damaged]).iloc[0]["outcome"].startswith("Damaged")


def test_what_was_brought_in_is_shown_as_such_and_never_found(
    app: Open, connected: Record, store: Store
) -> None:
    packed = store.pack(connected.key)
    false = repacked_with_manifest(packed, SUMMARY, summary_of(packed, rounds=77))
    record = store.bring_in(false)
    try:
        test = app("pages/real_real/page.py", run=record.key)
        assert not test.exception
        assert any("Imported result" in element.value for element in test.warning)
        assert not app(PAGE).exception
        listed = rows(service.my_records()).set_index("key")["origin"]
        assert listed[record.key] == "imported, unchecked"
        assert listed[connected.key] == "computed here"
        # Whoever asks for the same experiment gets what was computed.
        assert [one.key for one in service.of_kind(connected.kind)].count(record.key) == 0
        found = service.found(connected.spec)
        assert found is not None
        assert found.summary["rounds"] == connected.summary["rounds"]
    finally:
        store.delete(record.key)


def test_hosted_visitors_see_only_their_own(
    app: Open, connected: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ISTHMUS_MODE", "hosted")
    test = app(PAGE)
    assert not test.exception
    assert not test.get("bidi_component")
    assert test.info


def test_only_the_owner_deletes_and_both_who_asked_see_it(
    app: Open, connected: Record, store: Store, queue: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = replace(connected.spec, points=70)
    queue.submit(spec, owner=service.store().mark_of("session ann"))
    monkeypatch.setenv("ISTHMUS_MODE", "hosted")

    def chosen_by(name: str) -> AppTest:
        test = app()
        test.session_state["isthmus_owner"] = name
        test.session_state["isthmus_mine"] = {spec.key()}
        test.switch_page(PAGE).run()
        return choose(test, [spec.key()])

    ben = chosen_by("ben")
    assert not ben.exception
    assert listed(ben) == [spec.key()]
    assert "runs_delete_yes" not in [button.key for button in ben.button]
    assert any("computed or brought here for you first" in one.value for one in ben.caption)
    chosen_by("ann").button(key="runs_delete_yes").click().run()
    assert store.find(spec.key()) is None


def test_who_signed_in_owns_his_results_in_every_session(monkeypatch: pytest.MonkeyPatch) -> None:
    assert service.owner() is None  # on one's own machine nobody is anybody else
    monkeypatch.setenv("ISTHMUS_MODE", "hosted")
    monkeypatch.setattr(service, "settled", lambda: Setup("hosted", {}))
    owners = []
    for subject in ("1", "1", "2", None):
        person = {"iss": "https://id.example", "sub": subject, "email": "a@example.org"}
        session = SimpleNamespace(user=person, session_state={})
        monkeypatch.setattr(service, "st", session)
        owners.append(service.owner())
        assert service.owner() == owners[-1]
    assert owners[0] == owners[1]
    assert len(set(owners)) == 3
    assert not any("a@example.org" in str(owner) for owner in owners)


def test_a_session_has_a_limit_of_jobs_when_hosted(
    app: Open, queue: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ISTHMUS_MODE", "hosted")
    test = app("pages/real_real/page.py", rr_classifier="digits-resnet", rr_dataset="digits")
    queue.held = True
    test.session_state["isthmus_owner"] = "ann"
    for number in range(2):
        queue.submit(RealReal(label=str(number)), owner=service.store().mark_of("session ann"))
    queue.submit(RealReal(label="of another"), owner=service.store().mark_of("session ben"))
    test.number_input(key="rr_iterations").set_value(55)
    test.button(key="rr_connect").click().run()
    assert not test.error
    assert "run" in test.query_params
    test.number_input(key="rr_iterations").set_value(56)
    test.button(key="rr_connect").click().run()
    assert not test.exception
    assert any("this server allows 3" in element.value for element in test.error)
