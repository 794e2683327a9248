"""The import rule: a file imports floors below its own, and the server's files never torch."""

from __future__ import annotations

import ast
import graphlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ENGINE = ROOT / "engine"

FLOORS = {
    "the ground": (
        "version errors words curves lazy methods allocation lifeline shipped parameters "
        "local_files progress pace random uploaded decoding picture_notes reader "
        "images datasets devices declared warm classifiers statistics batches paths places planes hulls "
        "objectives optimise refining descent constraints pixels targets called bars plots"
    ),
    "methods": "finders training synthesis attacks detectors lattice",
    "experiments": "experiments",
    "fronts": (
        "records jobs serving speed plain gallery claims terminal judging options commands __main__"
    ),
}
"""The rooms of each floor, the lowest first. A new file is given its place here."""

FLOOR = {room: number for number, rooms in enumerate(FLOORS.values()) for room in rooms.split()}

FRONTS = {
    "records": set(),
    "jobs": {"records"},
    "plain": set(),
    "serving": set(),
    "speed": {"plain", "records", "judging", "serving"},
    "gallery": {"records"},
    "claims": {"records", "gallery"},
    "terminal": {"records", "jobs", "claims"},
    "judging": {"records"},
    "options": set(),
    "commands": {
        "records",
        "speed",
        "gallery",
        "claims",
        "terminal",
        "judging",
        "options",
    },
    "__main__": {"commands"},
}
"""Which other fronts a front may import."""

TORCH_FREE = [
    "engine",
    "engine.lifeline",
    "engine.shipped",
    "engine.datasets",
    "engine.images",
    "engine.reader",
    "engine.attacks.settings",
    "engine.bars",
    "engine.classifiers",
    "engine.classifiers.cards",
    "engine.classifiers.description",
    "engine.classifiers.finding",
    "engine.classifiers.given",
    "engine.detectors.settings",
    "engine.finders.settings",
    "engine.lattice.mean_field",
    "engine.lattice.sites",
    "engine.experiments",
    "engine.records",
    "engine.claims.page",
    "engine.jobs",
    "engine.jobs.own",
    "engine.jobs.work",
    "engine.__main__",
    "engine.commands",
]
"""What the server process imports, and the command line before it knows its command."""

METHODS = "import engine; engine.attacks(), engine.detectors(), engine.finders()"
"""Imports every file that declares an attack, a detector or a path finder."""

SPECS = "import engine.experiments as rooms; rooms.kinds()"
"""Imports every spec, which is every file of a room but for the folder of what computes them."""


FILES = sorted(path for path in ENGINE.rglob("*.py") if path != ENGINE / "__init__.py")

each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))


@each_file
def test_every_file_imports_only_floors_below(path: Path) -> None:
    room = room_of(path)
    assert room in FLOOR, f"{room} has no place in FLOORS"
    rooms = engine_rooms(imported(ast.parse(path.read_text())))
    assert rooms <= FLOOR.keys(), f"{path} imports rooms that have no place in FLOORS"
    wrong = misplaced(room, rooms)
    assert not wrong, f"{path.relative_to(ROOT)} imports {wrong}, on no floor below it"


@each_file
def test_the_science_knows_no_page(path: Path) -> None:
    roots = {name.split(".")[0] for name in imported(ast.parse(path.read_text()))}
    assert not roots & {"streamlit", "pages", "app", "tests"}


def test_no_rooms_import_each_other() -> None:
    needs: dict[str, set[str]] = {}
    for path in FILES:
        tree = at_import(ast.parse(path.read_text()))
        needs.setdefault(room_of(path), set()).update(engine_rooms(imported(tree)))
    while needs:
        free = {room for room, others in needs.items() if not others & (needs.keys() - {room})}
        assert free, f"these import each other: {sorted(needs)}"
        needs = {room: others for room, others in needs.items() if room not in free}


def test_no_files_import_each_other() -> None:
    """Neither when they are loaded nor later, nor for types alone; the lists of packages are not followed."""
    paths = [*FILES, *(ROOT / "pages").rglob("*.py")]
    files = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts): path
        for path in paths
        if path.name != "__init__.py"
    }
    needs = {}
    for name, path in files.items():
        tree = ast.parse(path.read_text())
        members = {
            f"{node.module}.{alias.name}"
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        needs[name] = (imported(tree) | members) & files.keys()
    assert sum(map(len, needs.values())) > len(files)
    graphlib.TopologicalSorter(needs).prepare()


@pytest.mark.parametrize(
    ("room", "source", "wrong"),
    [
        ("paths", "from engine.finders import connect", {"finders"}),
        ("paths", "def late():\n    import engine.experiments.survey", {"experiments"}),
        ("finders", "from engine import __version__, training", {"training"}),
        ("finders", "from engine.finders.search import probe", set()),
        ("paths", "from engine.errors import ImageError", set()),
        ("records", "from engine.jobs import Jobs", {"jobs"}),
        ("jobs", "from engine.records import Store", set()),
        ("experiments", "from engine.records import run", {"records"}),
    ],
)
def test_the_rule_itself(room: str, source: str, wrong: set[str]) -> None:
    assert misplaced(room, engine_rooms(imported(ast.parse(source)))) == wrong


def room_of(path: Path) -> str:
    """`finders` for engine/finders/settings.py."""
    return path.relative_to(ENGINE).parts[0].removesuffix(".py")


def imported(tree: ast.AST) -> set[str]:
    """Every module that a file imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "a relative import hides the floor"
            whole = node.module == "engine"
            found |= {f"engine.{a.name}" for a in node.names} if whole else {str(node.module)}
    return found


def engine_rooms(modules: set[str]) -> set[str]:
    return {name.split(".")[1] for name in modules if name.startswith("engine.")} - {"__version__"}


def misplaced(room: str, rooms: set[str]) -> set[str]:
    """Those of `rooms` that `room` may not import: the ground's may import each other."""
    allowed = {r for r, floor in FLOOR.items() if floor < FLOOR[room] or floor == FLOOR[room] == 0}
    return rooms - allowed - FRONTS.get(room, set()) - {room}


def at_import(tree: ast.Module) -> ast.Module:
    """The file without its functions' bodies and what it imports for types alone."""
    for node in ast.walk(tree):
        typing = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        if typing or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.body = [ast.Pass()]  # type: ignore[attr-defined]
    return tree


def test_the_server_imports_no_torch() -> None:
    """One after another in one process, so that the first that does is named."""
    works = [*(f"import {module}" for module in TORCH_FREE), METHODS, SPECS]
    told = "".join(f"{work}\nassert not loaded(), {work!r}\n" for work in works)
    assert not loaded_by(told)


def test_looking_at_stored_records_needs_no_torch(tmp_path: Path) -> None:
    work = (
        "from engine.records import Store, run\n"
        "from tests.toys import Toy\n"
        f"store = Store({str(tmp_path)!r})\n"
        "record = run(Toy(), store=store)\n"
        "record.findings, record.command, store.unpack(store.pack(record.key), record.key)\n"
    )
    assert not loaded_by(work)


def loaded_by(work: str) -> list[str]:
    """Which of the heavy packages a fresh interpreter has loaded after some work."""
    heavy = ["torch", "torchvision", "streamlit", "sklearn", "torchattacks", "foolbox"]
    program = (
        f"import json, sys\ndef loaded(): return [n for n in {heavy} if n in sys.modules]\n"
        f"{work}\nprint(json.dumps(loaded()))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    found: list[str] = json.loads(ended.stdout.splitlines()[-1])
    return found
