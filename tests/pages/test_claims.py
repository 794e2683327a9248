"""Does it hold?: a row for every claim, each with its verdict and the way to its records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from engine.claims import Standing, declared, standings
from engine.records import Store
from pages.shared import service
from pages.shared.paper import COLORS, _here
from pages.shared.words import capitalised

Open = Callable[..., AppTest]


def test_every_claim_has_a_row_with_its_verdict_and_records(
    app: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path)
    monkeypatch.setattr(service, "store", lambda: store)
    test = app("pages/claims/page.py")
    assert not test.exception
    told = standings(store.of_kind)
    here = {one.claim.name: _here(one) for one in told}
    assert here["cifar"] == "Here that **holds**."
    cifar = next(one for one in told if one.claim.name == "cifar")
    paper, other = cifar.trials
    assert _here(Standing(cifar.claim, (replace(paper, records=()), other))) == (
        "Here that **holds** on resnet20-cifar10; the paper's own is not measured."
    )
    assert here["conjecture"] == "Here that **holds**."
    first = [element.value for element in test.markdown]
    for one in told:
        assert (_head(one) in first) == bool(one.deciding.reading)
    test.session_state["cl_others"] = True
    body = [element.value for element in test.run().markdown]
    assert {*map(_head, told)} <= {*body}
    assert len(test.get("vega_lite_chart")) == len([one for one in told if one.told])
    for one in told:
        test.session_state[f"cl_{one.claim.name}_more"] = True
    links = test.run().get("page_link")
    records = [record for one in told for trial in one.trials for record in trial.records]
    assert len([link for link in links if link.proto.label.startswith("Open")]) == len(records)


def test_a_page_says_what_the_paper_found_and_whether_it_was_measured(app: Open) -> None:
    first = next(claim for claim in declared().values() if claim.page == "manifold")
    test = app("pages/manifold/page.py")
    told = next(one for one in test.caption if one.value.startswith("The paper: two unlike modes"))
    assert told.value.endswith("Not measured here yet.")
    assert first.quantity in told.help
    assert "The claim" in [link.proto.label for link in test.get("page_link")]


def _head(one: Standing) -> str:
    color = COLORS[one.verdict]
    return f"**{one.claim.title}** :{color}-badge[{capitalised(one.verdict)}]"
