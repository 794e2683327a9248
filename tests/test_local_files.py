"""A hosted server tells nobody what lies on its disk, whatever field or address names a file."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from engine.classifiers import card, load_classifier
from engine.classifiers.cards import digest
from engine.datasets import load_dataset
from engine.errors import IsthmusError, ParameterError, UnknownNameError
from engine.experiments import spec_class
from engine.experiments.detection.verdict import Verdict
from engine.experiments.images.references import image_digest
from engine.experiments.pair.real_real import RealReal
from engine.images import encode_png
from engine.local_files import SCHEMES, VARIABLE, asked_from, asking_folder, check_names, local_path
from engine.parameters import Parameters, fields_of
from tests.kinds import KINDS

REFUSED = "hosted demo"


@pytest.fixture
def hosted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "hosted")


@pytest.fixture
def there(tmp_path: Path) -> Path:
    """A picture that is there."""
    path = tmp_path / "there.png"
    path.write_bytes(encode_png(torch.zeros(8, 8, 3, dtype=torch.uint8).numpy()))
    return path


def with_text(values: Parameters, text: str) -> Iterator[Parameters]:
    """The same parameters with `text` in one field of text after another, nested ones too."""
    for field in fields_of(type(values)):
        value = getattr(values, field.name)
        changed: Iterator[object] = iter(())
        if isinstance(value, Parameters):
            changed = with_text(value, text)
        elif field.item is not None:
            changed = iter([(*value, text)])
        elif isinstance(value, str):
            changed = iter([text])
        for one in changed:
            try:
                yield replace(values, **{field.name: one})
            except (ParameterError, UnknownNameError):
                continue  # one of a few words: no file can stand there


FORMS = (
    "{0}:{1}",
    "0,{0}:{1}",
    "0 {0}:{1}",
    " {0}:{1}",
    "{0}:{1},0",
    "untrained:{0}:{1}",
    "0;{0}:{1}",
)


@pytest.mark.usefixtures("hosted")
@pytest.mark.parametrize("kind", KINDS)
def test_no_field_of_any_kind_names_a_file(kind: str, there: Path) -> None:
    spec = spec_class(kind)()
    check_names(spec)
    for scheme in SCHEMES:
        for form in FORMS:
            said = set()
            for path in (there, there.with_name("nothere.png")):
                for changed in with_text(spec, form.format(scheme, path)):
                    with pytest.raises(ParameterError, match=REFUSED) as refusal:
                        check_names(changed)
                    said.add(str(refusal.value))
            assert len(said) <= 1


def test_every_text_field_is_walked() -> None:
    changed = list(with_text(RealReal(), "file:x"))
    names = {"classifier", "dataset", "split", "label", "first", "second"}
    told = {name for spec in changed for name in names if getattr(spec, name) == "file:x"}
    assert told == names


def test_every_list_of_texts_is_walked() -> None:
    changed = with_text(Verdict(), "file:x")
    assert "file:x" in {item for spec in changed for item in getattr(spec, "images", ())}


DOORS: dict[str, Callable[[Path], object]] = {
    "card": lambda path: card(f"file:{path}"),
    "weights": lambda path: digest(f"file:{path}"),
    "network": lambda path: load_classifier(f"file:{path}"),
    "folder": lambda path: load_dataset(f"folder:{path}"),
    "parquet": lambda path: load_dataset(f"parquet:{path}"),
    "picture": lambda path: image_digest(RealReal(), f"file:{path}"),
    "key": lambda path: RealReal(first=f"file:{path}").key(),
}


@pytest.mark.usefixtures("hosted")
@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
def test_every_way_to_the_disk_is_shut_alike(door: Callable[[Path], object], there: Path) -> None:
    said = set()
    for path in (there, there.with_name("nothere.png"), there.parent, Path("~/x")):
        with pytest.raises(ParameterError, match=REFUSED) as refusal:
            door(path)
        said.add(str(refusal.value))
    assert len(said) == 1


@pytest.mark.parametrize("word", ["hostd", "Hosted", "0"])
def test_an_unknown_mode_shuts_too(word: str, there: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, word)
    with pytest.raises(IsthmusError):
        image_digest(RealReal(), f"file:{there}")


@pytest.mark.parametrize("word", ["", "local"])
def test_ones_own_machine_reads_its_files(
    word: str, there: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, word)
    check_names(RealReal(first=f"file:{there}"))
    assert len(image_digest(RealReal(), f"file:{there}")) == 64


def test_what_is_not_there_is_looked_for_in_the_folder_of_the_data(tmp_path, monkeypatch):
    own, data = tmp_path / "own", tmp_path / "data"
    for folder in (own, data):
        folder.mkdir()
        (folder / "both.pt2").write_bytes(b"")
    (data / "one.pt2").write_bytes(b"")
    monkeypatch.setenv("ISTHMUS_DATA", str(data))
    with asked_from(str(own)):
        assert local_path("file", "both.pt2") == own / "both.pt2"
        assert local_path("file", "one.pt2") == data / "one.pt2"
        assert local_path("file", "none.pt2") == own / "none.pt2"


def test_a_relative_path_begins_in_the_folder_of_whoever_asked(tmp_path):
    (tmp_path / "cat.png").write_bytes(b"")
    assert not local_path("file", "cat.png").exists()
    with asked_from(str(tmp_path)):
        assert local_path("file", "cat.png") == tmp_path / "cat.png"
        assert local_path("folder", "/data") == Path("/data")
        assert asking_folder() == str(tmp_path)
    assert asking_folder() == os.getcwd()


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("path", ["a" * 300, "a\0b"], ids=["too long", "null"])
def test_what_can_be_no_path_is_refused_in_words(scheme: str, path: str) -> None:
    opened = load_classifier if scheme == "file" else load_dataset
    with pytest.raises(ParameterError, match=r"cannot be looked for.*Check the path"):
        opened(f"{scheme}:{path}")
