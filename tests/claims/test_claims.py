"""Claims: declared once, judged by records alone, and verdicts that move with the numbers."""

from __future__ import annotations

import re
import shlex
from dataclasses import FrozenInstanceError, fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import engine
from engine.claims import Trial, claim_called, compute_anew, declared, judge, standings
from engine.claims.claim import Claim, Judged, Rule, Standing
from engine.claims.page import as_html, standing_rows
from engine.claims.readings import area_of, change_of, median_of, share_of
from engine.errors import ParameterError, UnknownNameError
from engine.experiments.base import Findings
from engine.experiments.theory.conjecture import Percolation
from engine.gallery import GALLERY, MEASURED
from engine.plots.standing import intervals
from engine.records import Store
from pages.shared.shell import page_file
from tests.coin import Coin
from tests.conftest import REPOSITORY

PERCOLATION = declared()["percolation"]
each = pytest.mark.parametrize("claim", declared().values(), ids=declared())


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    return Store(tmp_path_factory.mktemp("store"))


@pytest.fixture(scope="module")
def stand(shipped):
    return standings(shipped.of_kind)


@each
def test_every_claim_names_experiments_that_there_are(claim):
    assert claim.trials
    for trial in claim.trials:
        assert trial.specs
        for spec, command in zip(trial.specs, trial.commands, strict=True):
            assert engine.experiments.spec_class(spec.kind).from_dict(spec.to_dict()) == spec
            assert shlex.split(command)[:5] == ["python", "-m", "engine", "run", spec.kind]
            assert not re.search(r"/(root|home|work|tmp)\b", command), "a machine's path"
    assert len({trial.title for trial in claim.trials}) == len(claim.trials)
    assert (REPOSITORY / page_file(claim.page)).is_file()


@each
def test_a_claim_says_what_counts_as_what(claim):
    for words in (claim.sentence, claim.paper, claim.where, claim.title):
        assert words
    assert "Holds where" in claim.rule_words
    good, bad = claim.rule.good, claim.rule.bad
    assert good <= bad if claim.rule.lower else good >= bad


def test_what_was_measured_for_claims_ships():
    tested = {s.canonical() for c in declared().values() for t in c.trials for s in t.specs}
    illustrated = {d.spec.canonical() for c in declared().values() for d in c.drawn if d.spec}
    known = {spec.canonical() for spec in GALLERY}
    loose = [s for s in MEASURED if s.canonical() not in tested | illustrated | known]
    assert {spec.kind for spec in loose} <= {"real-adversarial"}, "shipped, and nobody reads it"


@given(st.floats(-2, 2), st.floats(0, 2), st.floats(-1, 1), st.floats(-1, 1), st.booleans())
def test_the_rule_is_about_the_whole_interval(low, width, one, two, lower):
    good, bad = (min(one, two), max(one, two)) if lower else (max(one, two), min(one, two))
    verdict = Rule(good, bad, lower).verdict(low, low + width)
    inside = np.linspace(low, low + width, 9)
    if verdict == "holds":
        assert (inside <= good).all() if lower else (inside >= good).all()
    elif verdict == "does not hold":
        assert (inside > bad).all() if lower else (inside < bad).all()
    else:
        holds = (inside[-1] <= good) if lower else (inside[0] >= good)
        fails = (inside[0] > bad) if lower else (inside[-1] < bad)
        assert not holds
        assert not fails


def test_no_verdict_is_set_by_hand(stand):
    for kind in (Claim, Trial, Judged, Standing):
        assert not [one.name for one in fields(kind) if "verdict" in one.name]
    with pytest.raises((AttributeError, FrozenInstanceError)):
        stand[0].verdict = "holds"


def changed(store, spec, change):
    """What the record of `spec` holds, with other thresholds."""
    found = store.find(spec.key()).findings
    table = dict(found.tables["thresholds"])
    table["estimate"] = change(np.asarray(table["estimate"]))
    return Findings(found.arrays, {**found.tables, "thresholds": table}, found.summary)


@pytest.mark.parametrize(
    ("factor", "verdict"), [(1.0, "holds"), (1.03, "holds partly"), (1.2, "does not hold")]
)
def test_a_verdict_moves_with_the_numbers_of_its_record(factor, verdict, shipped, tmp_path):
    spec, store = Percolation(), Store(tmp_path)
    assert judge(PERCOLATION, store.of_kind).verdict == "holds"
    found = shipped.find(spec.key())
    store.save(spec, changed(shipped, spec, lambda values: factor * values), found.environment)
    assert judge(PERCOLATION, store.of_kind).verdict == verdict


def test_what_somebody_brought_decides_nothing(shipped, tmp_path):
    spec = Percolation()
    other, store = Store(tmp_path / "other", shipped=None), Store(tmp_path / "own")
    told = shipped.find(spec.key()).environment
    other.save(spec, changed(shipped, spec, lambda values: 2 * values), told)
    store.bring_in(other.pack(spec.key()))
    assert judge(PERCOLATION, store.of_kind).verdict == "holds"


def test_without_a_record_nothing_is_said(tmp_path):
    store = Store(tmp_path, shipped=None)
    for one in standings(store.of_kind):
        assert one.verdict == "not measured"
        assert one.told is None


def test_a_claim_of_several_experiments_needs_all_of_them(tmp_path, shipped):
    claim, store = declared()["optimal-modes"], Store(tmp_path, shipped=None)
    trial = claim.trials[-1]
    first, *rest = (shipped.find(spec.key()) for spec in trial.specs)
    alone = judge(replace(claim, trials=(trial,)), lambda kind: [first])
    assert alone.verdict == "not measured"
    whole = judge(replace(claim, trials=(trial,)), lambda kind: [first, *rest])
    assert whole.verdict != "not measured"
    assert not store.of_kind("manifold")


def test_the_page_needs_nothing_else(stand, shipped):
    chosen = [one for one in stand if one.claim.name in ("percolation", "table-1", "falls-early")]
    html = as_html(chosen, shipped.of_kind)
    for one in chosen:
        assert f'id="{one.claim.name}"' in html
    assert html.count("<svg") > len(chosen)
    assert "<script" not in html
    outside = re.findall(r'(?:src|href)="(?!#)[^"]*"|url\((?!#)[^)]*\)|@import', html)
    assert not outside
    assert str(shipped.root) not in html


def test_every_interval_lies_on_its_axis_and_no_share_beyond_100_percent(stand):
    """Differences may be negative, and shares are not."""
    lows = []
    for standing in stand:
        if (told := standing_rows(standing)) is None:
            continue
        rows, unit = told[0], standing.claim.unit
        domain = re.search(
            r'"domain": \[(-?[\d.]+), (-?[\d.]+)\]', intervals(*told)[0].to_json(indent=None)
        )
        assert domain is not None
        begin, end = map(float, domain.groups())
        assert begin <= rows["low"].min()
        assert rows["high"].max() <= end
        assert unit != "%" or 0 <= begin < end <= 100
        lows.append(begin)
    assert min(lows) < 0


def test_a_claim_is_computed_anew_beside_what_ships(tmp_path):
    store = Store(tmp_path, shipped=None)
    first = replace(PERCOLATION.trials[0], specs=(Coin(), Coin(seed=1)))
    begun = []
    compute_anew(first, store, begin=lambda spec, own: begun.append((spec, own.shipped)))
    assert begun == [(Coin(), []), (Coin(seed=1), [])]
    assert [record.kind for record in store.records()] == ["coin", "coin"]


def test_a_claim_is_tested_on_another_network_and_other_pictures():
    trial = declared()["same-class"].trials[0].on("shapes-vgg", "digits")
    assert (trial.specs[0].classifier, trial.specs[0].dataset) == ("shapes-vgg", "digits")
    assert trial.title == "digits, shapes-vgg"
    with pytest.raises(ParameterError):
        PERCOLATION.trials[0].on("shapes-vgg")
    with pytest.raises(ParameterError):
        PERCOLATION.trials[0].on(pictures="digits")
    with pytest.raises(UnknownNameError, match="same-class"):
        claim_called("same-clas")


def test_readings_are_numpys():
    values = np.array([1.0, 2.0, np.nan, 3.0, 7.0, 8.0])
    found = change_of(values, 2, "moments")
    first, last = np.array([1.0, 2.0]), np.array([3.0, 7.0, 8.0])
    error = np.sqrt(np.var(first, ddof=1) / 2 + np.var(last, ddof=1) / 3)
    assert found.value == pytest.approx(last.mean() - first.mean())
    assert found.high - found.low == pytest.approx(2 * 1.96 * error)
    assert change_of(values[:3], 3, "moments") is None
    assert median_of(np.array([np.nan]), "pairs") is None
    assert median_of(values, "pairs").value == np.nanmedian(values)
    half = share_of(5, 10, "pairs")
    assert half.low + half.high == pytest.approx(1)


@given(st.floats(0.5, 1), st.integers(5, 500))
def test_an_area_has_an_interval_even_where_it_is_perfect(value, count):
    low, high = area_of(value, count)
    assert low < value <= high + 1e-12
    assert high <= 1
    assert area_of(value, count, 0.1, 0.2) == (0.1, 0.2)
    assert area_of(1.0, 4 * count)[0] > area_of(1.0, count)[0]
