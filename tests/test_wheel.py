"""The wheel has all that the checkout has, and works from an empty folder, the app with it."""

from __future__ import annotations

import re
import shlex
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

import engine
from tests.installing import PATIENCE, ROOT, Installed, build, contents, install, output

FROM_PYTHON = """
from pathlib import Path

import engine
from engine.jobs import Jobs
from engine.records import Store

print(Path(engine.__file__).parents[1])
tiny = {"classifier": "digits-resnet", "dataset": "digits", "first": "253", "second": "257"}
jobs = Jobs(Store())
job = jobs.submit(engine.RealReal(plane_resolution=12, points=100, **tiny))
job.wait()
jobs.close()
assert job.state == "done", job.error
record = engine.run(job.spec)
assert record.summary["connected"], record.summary

for record in Store().records(shipped=True):
    record.verify()
    if record.shipped:
        print(record.key, record.kind)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    return build(ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel in an environment of its own."""
    return install(wheel, tmp_path_factory.mktemp("installed"))


@pytest.fixture
def served(installed: Installed) -> Iterator[str]:
    """The address of the installed app."""
    with installed.served() as address:
        yield address


def test_the_wheel_is_the_checkout_under_one_name(wheel: Path) -> None:
    beside = ["app.py", ".streamlit/config.toml", *files_of("pages"), *files_of("assets")]
    expected = {*files_of("engine"), *(f"engine/_shipped/{name}" for name in beside)}
    assert contents(wheel) == expected


def test_the_source_distribution_makes_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    output(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", tmp_path)
    (source,) = tmp_path.glob("isthmus-*.tar.gz")
    assert contents(build(source, tmp_path)) == contents(wheel)


def test_it_asks_for_what_the_requirements_name(installed: Installed) -> None:
    named = (ROOT / "requirements.txt").read_text().lower().split()
    assert sorted(installed.distribution.requires or []) == sorted(named)
    assert installed.distribution.version == engine.__version__


def test_python_computes_with_it_and_opens_what_ships(installed: Installed) -> None:
    place, *shipped = installed.output(installed.python, "-c", FROM_PYTHON).splitlines()
    assert Path(place) == installed.packages
    records = (ROOT / "assets" / "records").glob("*/*")
    assert sorted(shipped) == sorted(f"{path.name} {path.parent.name}" for path in records)


def test_the_command_computes_into_the_store(installed: Installed) -> None:
    flags = ("--first", "253", "--second", "257", "--points", "100", "--plane-resolution", "10")
    words = ("real-real", "--classifier", "digits-resnet", "--dataset", "digits", *flags)
    told = installed.output(installed.isthmus, "run", *words)
    (folder,) = re.findall(r"^  folder +(.+)$", told, flags=re.M)
    assert Path(folder).parent == installed.folder.parent / "store" / "real-real"


def test_the_command_shows_what_ships_and_its_line_finds_it_again(installed: Installed) -> None:
    shipped = min((ROOT / "assets" / "records" / "real-real").iterdir())
    told = installed.output(installed.isthmus, "show", shipped.name)
    assert str(installed.packages / "engine" / "_shipped" / "assets" / "records") in told
    (line,) = re.findall(r"^  again +python (.+)$", told, flags=re.M)
    assert installed.output(installed.python, *shlex.split(line)) == told


def test_the_app_opens_with_its_looks(served: str) -> None:
    messages = visit(served)
    theme = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["theme"]
    (session,) = (message.new_session for message in messages if message.HasField("new_session"))
    assert list(session.custom_theme.chart_categorical_colors) == theme["chartCategoricalColors"]
    shown = [message.delta.new_element for message in messages]
    assert "Between two pictures" in [element.heading.body for element in shown]
    assert not [element for element in shown if element.HasField("exception")]


def files_of(folder: str) -> list[str]:
    found = (path for path in (ROOT / folder).rglob("*") if path.is_file())
    return [str(path.relative_to(ROOT)) for path in found if path.suffix != ".pyc"]


def visit(address: str) -> list[ForwardMsg]:
    """What the server tells a browser that opens the front page."""
    stream = address.replace("http", "ws") + "/_stcore/stream"
    messages = []
    with connect(stream, max_size=None) as socket:
        socket.send(BackMsg(rerun_script=ClientState()).SerializeToString())
        while not messages or not messages[-1].HasField("script_finished"):
            messages.append(ForwardMsg.FromString(socket.recv(timeout=PATIENCE)))
    return messages
