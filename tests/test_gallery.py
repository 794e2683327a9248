"""The shipped records are whole and are those of today's engine, weights and images."""

from __future__ import annotations

import pytest

from engine.experiments.untrained.untrained import Untrained
from engine.gallery import ADVERSARIAL, EXAMPLES, GALLERY, MEASURED, SYNTHETIC, measured
from engine.records import Store
from engine.records.store import SHIPPED


@pytest.mark.parametrize("spec", GALLERY, ids=lambda spec: spec.canonical()[:70])
def test_every_shipped_record_is_current_and_whole(spec, tmp_path):
    record = Store(tmp_path).find(spec.key())
    assert record is not None, "run `python -m engine gallery` and commit assets/records"
    record.verify()
    assert record.shipped
    assert record.spec == spec


def test_nothing_else_is_shipped():
    known = {spec.key() for spec in GALLERY} | {record.key for record in measured()}
    assert {path.name for path in SHIPPED.glob("*/*")} == known


def test_what_was_measured_elsewhere_is_whole_and_holds_no_pictures():
    records = measured()
    assert sorted(r.spec.canonical() for r in records) == sorted(s.canonical() for s in MEASURED)
    for record in records:
        record.verify()
        assert all(array.ndim < 3 for array in record.arrays.values())


def test_populations_are_as_large_as_they_say():
    for record in measured():
        # Of a population of correctly classified pictures, others are left out.
        if record.kind == "pair-statistics" and record.spec.images == "all":
            wanted = record.spec.to_dict()["pairs"]
            counts = record.summary["counts"]
            assert counts["real"]["kept"] == wanted
            assert 0.95 * wanted <= counts["adversarial"]["kept"] <= wanted


def test_the_examples_show_barriers_that_were_bypassed(tmp_path):
    for spec in EXAMPLES:
        summary = Store(tmp_path).find(spec.key()).summary
        assert summary["connected"]
        assert summary["height_before"] > 0.5
        assert summary["rounds"] >= 1


def test_the_untrained_example_meets_the_papers_figure(tmp_path):
    """Fig. 8: two rounds, four segments, below 0.0005 nats everywhere, on each of its own points too."""
    record = Store(tmp_path).find(Untrained().key())
    assert record.spec.threshold == 0.0005
    assert record.summary["connected"]
    assert (record.summary["rounds"], record.summary["segments"]) == (2, 4)
    straight, once, twice = (record.arrays[f"loss_{k}"].max() for k in range(3))
    assert twice <= 0.0005 < once < straight
    assert straight > 0.1


def test_the_adversarial_examples_need_more_rounds_than_the_real_pairs_beside_them(tmp_path):
    for spec in ADVERSARIAL:
        summary = Store(tmp_path).find(spec.key()).summary
        assert summary["connected"]
        assert summary["rounds"] >= 2 > summary["real"]["rounds"]
        assert summary["attack"]["eight_bit"]["success"]
        assert summary["height_before"] > summary["real"]["height_before"] > 0.05


def test_the_synthetic_examples_are_joined_and_small(tmp_path):
    two, many = (Store(tmp_path).find(spec.key()) for spec in SYNTHETIC)
    assert two.summary["rounds"] == 1
    assert two.summary["height_before"] > 1
    assert two.summary["height_after"] <= 0.01
    assert many.summary["components_before"] > many.summary["components_after"] == 1
    for record in (two, many):
        assert sum(file.stat().st_size for file in record.path.iterdir()) < 350_000
