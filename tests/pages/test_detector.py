"""The verdict view: what is said follows the record, and whatever is given is answered in plain words."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from engine.experiments.detection.detection import Detection
from engine.experiments.detection.verdict import MOST, Verdict
from engine.images import encode_png
from engine.picture_notes import GREY, notes_on
from engine.records import Record, Store
from pages.detector.stored import benchmarks, obstacle
from pages.detector.verdict import state
from pages.detector.verdict.given import numbers_in
from pages.detector.verdict.judged import Judged
from pages.detector.verdict.sentences import (
    batch_words,
    curve_words,
    flat_words,
    logits_words,
    rate_words,
    verdict_words,
)
from pages.shared import service
from pages.shared.uploads import kept
from tests.pages.detections import benchmark_record, benchmark_spec, verdict_record

PAGE = "pages/detector/page.py"
DIGITS = {"dt_classifier": "digits-resnet"}
Open = Callable[..., AppTest]


@pytest.fixture
def fitted(store: Store) -> Record:
    """A benchmark on the digits whose detectors can judge."""
    return benchmark_record(store)


def words(test: AppTest) -> str:
    """Everything that is written on the page."""
    elements: list[Any] = [*test.markdown, *test.error, *test.warning, *test.info, *test.success]
    return "\n".join(str(element.value) for element in [*elements, *test.caption, *test.header])


def test_the_page_begins_with_a_place_for_an_image(app: Open, fitted: Record) -> None:
    test = app(PAGE, **DIGITS)
    assert not test.exception
    assert test.title[0].value == "Is it an attack?"
    assert "No image yet" in words(test)
    assert len(test.get("file_uploader")) == 1


def test_an_attack_is_told_with_its_false_alarms_and_its_reasons(app: Open, store: Store) -> None:
    record = verdict_record(store, [0.0031])
    test = app(PAGE, ["dt_says", "dt_context"], run=record.key)
    assert not test.exception
    told = words(test)
    assert "What moved the score" not in told, "an earlier record, which has no parts"
    assert "**Attack.** About 1 of 323 clean images looks as suspicious or more" in told
    assert "Seen as **9**, 50 % sure" in told
    assert "Take this with care.** The classifier itself is unsure" in told
    assert "nearer to the median of **attacked** images" in told
    assert "3 of 3 detectors say attack. The verdict is that of **Short paths**" in told
    assert "4 of 5 show 9" in told
    assert len(test.get("vega_lite_chart")) == 3
    assert test.selectbox(key="dt_classifier").value == "digits-resnet"


def test_many_images_become_a_table_and_the_most_suspicious_is_explained(
    app: Open, store: Store
) -> None:
    record = verdict_record(store, [0.4, 0.002, 0.7])
    test = app(PAGE, ["dt_says", "dt_context"], run=record.key)
    assert not test.exception
    told = words(test)
    assert "**1 of 3 images** looks attacked" in told
    assert "**Attack.**" in told
    table = test.dataframe[0].value
    assert list(table["Verdict"]) == ["No sign of an attack", "Attack", "No sign of an attack"]
    assert table["False-positive rate (%)"][1] == pytest.approx(0.2)
    test.selectbox(key="dt_look").set_value(2).run()
    assert not test.exception
    assert "**No sign of an attack.** About 70 of 100 clean images look" in words(test)
    rows = Judged.of(record).table
    assert list(rows["verdict"]) == list(table["Verdict"])
    assert "picture" not in rows


def test_a_verdict_is_asked_of_the_benchmark_that_is_here(
    app: Open, queue: Any, fitted: Record, tmp_path: Path
) -> None:
    queue.held = True
    test = app(PAGE, **DIGITS, image="7,9,7")
    assert not test.exception
    (job,) = [job for job in queue.jobs() if job.spec.kind == "verdict"]
    assert job.spec == Verdict(benchmark=benchmark_spec(), images=("7", "9"))
    assert test.query_params["run"] == job.key
    assert "image" not in test.query_params
    test.selectbox(key="dt_false_alarms").set_value(0.01).run()
    assert queue.jobs()[-1].spec.false_alarms == 0.01


def test_an_address_may_name_files_with_any_name(
    app: Open, queue: Any, fitted: Record, tmp_path: Path
) -> None:
    queue.held = True
    path = tmp_path / "my cat, 1.png"
    path.write_bytes(encode_png(np.zeros((8, 8, 3), dtype=np.uint8)))
    test = app(PAGE, **DIGITS, image=["7,9", f"file:{path}"])
    assert not test.exception
    assert queue.jobs()[-1].spec.images == ("7", "9", f"file:{path}")
    assert state.name_of(f"file:{path}") == "The file my cat, 1.png"


def test_a_classifier_without_a_benchmark_is_offered_one(app: Open, fitted: Record) -> None:
    test = app(PAGE, dt_classifier="shapes-vgg")
    assert not test.exception
    told = words(test)
    assert "There is no benchmark for shapes-vgg here yet" in told
    assert "No image yet" not in told
    assert "python -m engine run detection --classifier shapes-vgg" in test.code[0].value
    test.button(key="dt_setup").click().run()
    assert not test.exception
    assert test.selectbox(key="bm_classifier").value == "shapes-vgg"


def test_detectors_that_are_gone_do_not_judge(tmp_path: Path, monkeypatch: Any) -> None:
    store = Store(tmp_path, shipped=None)
    monkeypatch.setattr(service, "store", lambda: store)
    whole = benchmark_record(store)
    assert obstacle(whole) == ""
    bare = benchmark_record(store, judged=False, seed=1)
    assert "3 fitted detectors of it are not in this store" in obstacle(bare)
    assert {record.key for record in benchmarks("digits-resnet")} == {whole.key, bare.key}
    assert benchmarks("shapes-resnet") == []


def test_files_are_read_and_refused_one_by_one(app: Open, queue: Any, fitted: Record) -> None:
    queue.held = True
    test = app(PAGE, **DIGITS)
    good = encode_png(np.zeros((8, 8, 3), dtype=np.uint8))
    files = [("a.png", good, "image/png"), ("b.png", b"no picture", "image/png")]
    test.get("file_uploader")[0].set_value(files).run()
    assert not test.exception
    assert any("b.png is not a picture that can be read" in one.value for one in test.error)
    spec = queue.jobs()[-1].spec
    assert spec.kind == "verdict"
    assert spec.images[0].startswith("upload:")
    assert len(spec.images) == 1


def test_more_images_than_are_judged_at_a_time_are_told(
    app: Open, queue: Any, fitted: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue.held = True
    monkeypatch.setattr(state, "MOST", 4)
    test = app(PAGE, **DIGITS, image="0 1 2 3 4 5")
    assert not test.exception
    assert any("6 images came, and at most 4 are judged" in one.value for one in test.error)
    assert queue.jobs()[-1].spec.images == ("0", "1", "2", "3")


def test_a_bad_link_leaves_the_page_usable(app: Open, fitted: Record, connected: Record) -> None:
    test = app(PAGE, run="0" * 24)
    assert not test.exception
    assert "There is no result" in words(test)
    test = app(PAGE, run=connected.key)
    assert "of another kind (real-real)" in words(test)
    test.button(key="dt_afresh").click().run()
    assert not test.exception
    assert "run" not in test.query_params


def picture(mode: str, kind: str, **how: Any) -> bytes:
    file = io.BytesIO()
    Image.new(mode, (8, 8)).save(file, kind, **how)
    return file.getvalue()


def opaque(kind: str) -> bytes:
    """Nothing of it is transparent, though it might be, as in screenshots."""
    file = io.BytesIO()
    Image.new("RGBA", (8, 8), (1, 2, 3, 255)).save(file, kind)
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (picture("RGB", "PNG"), []),
        (picture("RGB", "WEBP", lossless=True), []),
        (picture("RGB", "WEBP"), ["as a WebP"]),
        (picture("RGB", "JPEG"), ["as a JPEG"]),
        (picture("L", "JPEG"), ["as a JPEG", GREY]),
        (picture("RGB", "AVIF"), ["as an AVIF"]),
        (picture("RGBA", "PNG"), ["laid on white"]),
        (opaque("PNG"), []),
        (picture("LA", "PNG"), [GREY, "laid on white"]),
        (picture("P", "GIF"), ["256 colours"]),
        (picture("I;16", "TIFF"), ["12 bits", GREY]),
    ],
)
def test_what_a_file_lost_is_said(data: bytes, expected: list[str]) -> None:
    found = notes_on(data)
    assert len(found) == len(expected)
    assert all(part in note for note, part in zip(found, expected, strict=True))


def test_numbers_are_read_with_ranges_and_wrong_ones_are_named() -> None:
    assert numbers_in("3, 7 10-12", 20) == (["3", "7", "10", "11", "12"], [])
    found, wrong = numbers_in("5 20 x 1-99", 20)
    assert found == ["5"]
    assert [problem.partition(":")[0] for problem in wrong] == ["20", "x", "1-99"]
    assert len(numbers_in("0-999999", 1_000_000)[0]) == MOST + 1


@pytest.mark.parametrize(
    ("rate", "expected"),
    [
        (1.0, "all clean images look"),
        (0.24, "about 24 of 100 clean images look"),
        (0.05, "about 1 of 20 clean images looks"),
        (1 / 1601, "about 1 of 1,601 clean images looks"),
    ],
)
def test_rates_are_told_as_counts(rate: float, expected: str) -> None:
    assert rate_words(rate) == expected


def test_what_cannot_be_judged_is_grey(app: Open, store: Store) -> None:
    record = verdict_record(store, [0.001, 0.6, 0.7], beyond=["It looks like noise.", "", ""])
    test = app(PAGE, ["dt_says", "dt_context"], run=record.key)
    assert not test.exception
    told = words(test)
    assert "**No sign of an attack** on any of 3 images. 1 cannot be judged." in told
    assert list(test.dataframe[0].value["Verdict"])[:2] == ["Cannot judge", "No sign of an attack"]
    assert test.selectbox(key="dt_look").value == 1, "what was judged is looked at first"
    test.selectbox(key="dt_look").set_value(0).run()
    assert not test.exception
    told = words(test)
    assert "**Cannot judge.** It looks like noise." in told
    assert not test.error
    assert "sign of an attack. **" not in told


def test_the_page_opens_on_a_finished_example(app: Open, monkeypatch: Any, tmp_path: Path) -> None:
    monkeypatch.setattr(service, "store", lambda: Store(tmp_path))
    test = app(PAGE)
    assert not test.exception
    told = words(test)
    assert "**1 of 2 images** looks attacked" in told
    assert "Most speaks for an attack" in told
    assert "What moved the score" in told
    assert test.query_params == {}


def test_the_paper_s_silence_is_explained_where_its_path_is_flat() -> None:
    clean, attacked = np.ones((3, 5)), 4 * np.ones((3, 5))
    bands = np.stack([clean, attacked])
    assert "leaves the straight path as flat" in flat_words(np.full(5, 0.9), bands)
    assert flat_words(np.full(5, 1.1), bands) == ""


def test_close_calls_and_batches_are_told_as_they_are(store: Store) -> None:
    assert "close call" in verdict_words({"verdict": "Attack", "false_alarm": 0.04}, 0.05)
    assert "close call" not in verdict_words({"verdict": "Attack", "false_alarm": 0.001}, 0.05)
    found = Judged.of(verdict_record(store, [0.9] * 40)).verdicts
    assert "**No sign of an attack** on any of 40 images" in batch_words(found, 0.05)
    assert "about 2 would be called attacks by mistake" in batch_words(found, 0.05)


def test_curves_and_logits_are_told_from_their_numbers(store: Store) -> None:
    arrays = verdict_record(store, [0.9]).arrays
    assert "median of **clean** images; 100 %" in curve_words(
        arrays["curves"][0], arrays["curve_bands"]
    )
    told = logits_words(arrays["logits"][0], arrays["logit_bands"])
    assert told.startswith("The first is 2.0 ahead of the second")
    assert "of clean images that is 2.0, of attacked ones 0.6" in told


def test_pictures_of_an_attack_are_handed_over_as_files_hold_them(
    store: Store, queue: Any, monkeypatch: Any
) -> None:
    pixels = np.full((1, 8, 8), 0.5001, dtype=np.float32)
    monkeypatch.setattr("pages.shared.uploads.uploaded", dict)
    (reference,) = kept({"K′": pixels})
    image = store.image(reference.removeprefix("upload:"))
    assert image.shape == (8, 8, 3)
    assert (image == 128).all()


def test_the_default_classifier_is_the_one_that_ships() -> None:
    assert Detection().classifier == "shapes-resnet"
