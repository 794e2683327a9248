"""What is taken away is what was computed."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest
from PIL import Image

import engine
from engine.attacks.gradient_sign import FgsmSettings
from engine.attacks.settings import AttackSettings
from engine.experiments.pair.real_adversarial import RealAdversarial
from engine.experiments.pair.real_real import RealReal
from engine.experiments.pair.results import PairResult
from engine.finders.settings import ConnectSettings
from engine.records import Record
from pages.shared import downloads
from tests.kinds import KINDS


def test_nodes_survive_exactly_as_npy(pair: PairResult) -> None:
    nodes = pair.tracks[1].nodes
    back = np.load(io.BytesIO(downloads.as_npy(nodes)), allow_pickle=False)
    assert back.dtype == np.float32
    assert np.array_equal(back, nodes)


def test_pngs_are_the_nodes_to_half_a_grey_level(pair: PairResult) -> None:
    nodes = pair.tracks[1].nodes
    with zipfile.ZipFile(io.BytesIO(downloads.as_pngs(nodes))) as archive:
        names = archive.namelist()
        last = np.array(Image.open(archive.open(names[-1]))).transpose(2, 0, 1) / 255
    assert len(names) == len(nodes)
    assert np.abs(last - nodes[-1]).max() <= 0.5 / 255 + 1e-6


def test_words_on_rounding_tell_of_clipping() -> None:
    inside, outside = np.full((2, 1, 2, 2), 0.5), np.full((2, 1, 2, 2), 1.2)
    assert "clipping" not in downloads.rounding_words(inside)
    assert "by up to 0.2 " in downloads.rounding_words(outside)
    assert "clipping included" in downloads.rounding_words(outside)


@pytest.mark.parametrize("kind", ["webp", "gif"])
def test_animations_go_there_and_back(pair: PairResult, kind: str) -> None:
    picture = Image.open(io.BytesIO(downloads.as_animation(pair, kind)))
    assert picture.format == kind.upper()
    assert getattr(picture, "n_frames", 1) == 2 * downloads.FRAMES - 2
    assert max(picture.size) >= downloads.LEAST_SIDE


def test_the_snippet_builds_the_same_spec() -> None:
    connect = ConnectSettings(rounds=2, method="neb")
    spec = RealReal(
        classifier="digits-vgg", first="3", second="upload:" + "0" * 64, connect=connect
    )
    assert eval(f"engine.{downloads.construct(spec)}", {"engine": engine}) == spec


@pytest.mark.parametrize("kind", KINDS)
def test_the_snippet_of_every_kind_builds_its_spec(kind: str) -> None:
    spec = KINDS[kind]()
    assert eval(f"engine.{downloads.construct(spec)}", {"engine": engine}) == spec


def test_the_snippet_names_settings_within_settings() -> None:
    attack = AttackSettings(method="fgsm", fgsm=FgsmSettings(eps=0.1))
    spec = RealAdversarial(first="3", attack=attack)
    assert eval(f"engine.{downloads.construct(spec)}", {"engine": engine}) == spec


def test_the_snippet_of_a_record_runs(connected: Record) -> None:
    lines = downloads.snippet(connected).splitlines()
    names: dict[str, object] = {}
    exec("\n".join(lines[:-1]), names)
    assert names["spec"] == connected.spec
    assert lines[-1] == "record = engine.run(spec)"
