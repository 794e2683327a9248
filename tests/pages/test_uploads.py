"""One's own pictures: kept without loss, or refused in words; read once, let go, and bounded."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from starlette.types import Message, Scope
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import DeletedFile, UploadedFileRec
from streamlit.testing.v1 import AppTest

from engine.images import encode_png
from engine.records import Store
from pages.shared import intake, service, uploads
from pages.shared.mode import MEGABYTE, Mode, mode
from tests.aside import run_aside
from tests.toys import Toy

PICTURE = encode_png(np.random.default_rng(0).integers(0, 256, (7, 9, 3), dtype=np.uint8))


@pytest.fixture
def session(queue: Any, monkeypatch: pytest.MonkeyPatch) -> MemoryUploadedFileManager:
    """A session that sends files, and where Streamlit holds them."""
    manager = MemoryUploadedFileManager("/upload")
    state: dict[str, Any] = {}
    monkeypatch.setattr(uploads, "st", SimpleNamespace(session_state=state))
    here = SimpleNamespace(uploaded_file_mgr=manager, session_id="ann")
    monkeypatch.setattr(uploads, "get_script_run_ctx", lambda: here)
    return manager


def sent(manager: MemoryUploadedFileManager, name: str, data: bytes) -> Any:
    """A file as a control holds it."""
    record = UploadedFileRec(name, name, "image/png", data)
    manager.add_file("ann", record)
    return SimpleNamespace(file_id=name, name=name, getvalue=lambda: data)


def taken(name: str, data: bytes) -> uploads.Taken:
    """What becomes of a file that comes by itself."""
    file: Any = SimpleNamespace(file_id=name, name=name, getvalue=lambda: data)
    (found,) = uploads.take([file])
    return found


@pytest.mark.usefixtures("session")
def test_a_picture_is_kept_without_loss(store: Store) -> None:
    image = np.random.default_rng(0).integers(0, 256, (7, 9, 3), dtype=np.uint8)
    assert np.array_equal(store.image(taken("cat.png", PICTURE).digest), image)


@pytest.mark.usefixtures("session")
def test_what_is_no_picture_is_refused_by_name() -> None:
    assert taken("cat.png", b"miaow").problem.startswith("cat.png is not a picture")


@pytest.mark.usefixtures("session")
def test_a_large_file_is_refused_before_it_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ISTHMUS_MODE", "hosted")
    reader = SimpleNamespace(read=lambda *_: pytest.fail("opened"))
    monkeypatch.setattr(service, "reader", lambda: reader)
    problem = taken("huge.png", bytes(11 * MEGABYTE)).problem
    assert "11.0 MB; this server takes 10 MB at most" in problem


def test_files_are_read_once_and_then_let_go(
    session: MemoryUploadedFileManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [sent(session, "cat.png", PICTURE), sent(session, "letter.txt", b"Dear Sir")]
    first = uploads.take([*files, DeletedFile("lost")])
    assert [bool(each.digest) for each in first] == [True, False, False]
    assert "letter.txt is not a picture" in first[1].problem
    assert first[2].problem == uploads.GONE
    assert not session.file_storage["ann"]
    monkeypatch.setattr(service, "reader", lambda: pytest.fail("read again"))
    gone = [DeletedFile(file.file_id) for file in files]
    assert uploads.take(gone) == first[:2]
    assert uploads.uploaded() == {first[0].digest: "cat.png"}


@pytest.mark.usefixtures("session")
def test_the_same_files_are_told_of_once() -> None:
    """Streamlit reports them again when their bytes are let go, and when a stale browser sends them."""
    state, called = uploads.st.session_state, list[str]()
    one, other = (SimpleNamespace(file_id=name) for name in "ab")
    for held in ([one], [DeletedFile("a")], [one, other], [], [], [one]):
        state["box"] = held
        uploads.once_for("box", called.append, ",".join(file.file_id for file in held))
    for held in (one, DeletedFile("a"), None):
        state["single"] = held
        uploads.once_for("single", called.append, "single")
    assert called == ["a", "a,b", "", "a", "single", "single"]


def test_one_visit_keeps_a_bounded_number_of_bytes(
    session: MemoryUploadedFileManager, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = Mode(**{**vars(mode()), "kept_mb": 1})
    monkeypatch.setattr(uploads, "mode", lambda: small)
    noise = np.random.default_rng(1).integers(0, 256, (3, 400, 500, 3), dtype=np.uint8)
    one, two, three = (encode_png(image) for image in noise)
    assert taken("one.png", one).digest == taken("one again.png", one).digest
    problem = taken("two.png", two).problem
    assert "would take 1 MB" in problem
    assert "keeps 1 MB for one visit" in problem
    uploads.st.session_state.clear()  # another visit
    assert taken("three.png", three).digest


PAGE = """
import streamlit as st
from pages.shared.uploads import take, uploaded

take(st.file_uploader("Pictures", accept_multiple_files=True))
st.text(list(uploaded().values()))
"""


@pytest.mark.usefixtures("queue")
def test_a_visitor_sees_no_other_ones_pictures() -> None:
    ann, ben = (AppTest.from_string(PAGE, default_timeout=60).run() for _ in range(2))
    ann.get("file_uploader")[0].set_value([("secret.png", PICTURE, "image/png")]).run()
    ben.run()
    assert not ann.exception
    assert [page.text[0].value for page in (ann, ben)] == ["['secret.png']", "[]"]


class Server:
    """Stands in for Streamlit: it keeps what comes, or holds the door open until it is told."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.manager = MemoryUploadedFileManager("/upload")
        self.runs: list[str] = []
        self.get_instance = lambda: SimpleNamespace(
            uploaded_file_mgr=self.manager, get_app_session=self._session
        )
        runtime = SimpleNamespace(get_instance=self.get_instance)
        monkeypatch.setattr(intake, "st", SimpleNamespace(runtime=runtime))
        self.app = intake.Intake(self._answer)
        self.slow: asyncio.Event | None = None

    def _session(self, name: str) -> Any:
        if name not in ("ann", "eve"):
            return None
        return SimpleNamespace(_client_state=f"{name}'s page", request_rerun=self.runs.append)

    async def _answer(self, scope: Scope, receive: Any, send: Any) -> None:
        if self.slow:
            await self.slow.wait()
        if scope["method"] == "PUT":
            *_, session, name = scope["path"].split("/")
            size = dict(scope["headers"]).get(b"content-length", b"0")
            file = UploadedFileRec(name, name, "", bytes(int(size)))
            self.manager.add_file(session, file)
        await send({"type": "http.response.start", "status": 204, "headers": []})

    async def put(self, session: str, name: str, size: int | None, method: str = "PUT") -> str:
        """Send a file; the status of the answer, and what it says."""
        answer: list[Message] = []

        async def send(message: Message) -> None:
            answer.append(message)

        path = f"/base/_stcore/upload_file/{session}/{name}"
        headers = [] if size is None else [(b"content-length", str(size).encode())]
        scope = {"type": "http", "method": method, "path": path, "headers": headers}
        await self.app(scope, None, send)  # type: ignore[arg-type]
        return (
            f"{answer[0]['status']} {b''.join(each.get('body', b'') for each in answer).decode()}"
        )


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    monkeypatch.setenv("ISTHMUS_MODE", "hosted")
    monkeypatch.setattr(intake, "MEGABYTE", 1000)  # so that the limits are 50 kB and 200 kB
    return Server(monkeypatch)


def test_what_waits_is_bounded_for_a_session_and_for_all(server: Server) -> None:
    async def visits() -> None:
        for number in range(5):
            assert await server.put("ann", f"{number}", 9_900) == "204 "
        assert (await server.put("ann", "5", 9_900)) == (
            "413 Send fewer files at a time: a file of 9.9 MB was not taken, for 59 MB of yours would wait "
            "to be read, and 50 MB may."
        )
        for name in ("ben", "cem", "dan"):
            for number in range(5):
                assert await server.put(name, f"{number}", 9_900) == "204 "
        assert "for all visitors" in await server.put("eve", "0", 9_900)
        assert await server.put("eve", "0", 9_900, method="DELETE") == "204 "
        server.manager.remove_session_files("ann")
        assert await server.put("eve", "0", 9_900) == "204 "
        assert sum(intake._waiting().values()) <= 200_000
        assert server.runs == ["ann's page", "eve's page"]  # which say so

    run_aside(visits())


def test_what_is_on_its_way_counts_and_so_do_empty_files(server: Server) -> None:
    async def visits() -> None:
        server.slow = asyncio.Event()
        sizes = (None, 30_000)
        coming = [asyncio.create_task(server.put("ann", f"{k}", s)) for k, s in enumerate(sizes)]
        await asyncio.sleep(0)
        assert (await server.put("ann", "2", 11_000)).startswith("413")
        server.slow.set()
        assert await asyncio.gather(*coming) == ["204 ", "204 "]
        answers = [await server.put("ben", f"{k}", 0) for k in range(13)]
        assert [answer[:3] for answer in answers] == ["204"] * 12 + ["413"]

    run_aside(visits())


@pytest.mark.usefixtures("session")
def test_a_zip_file_that_unpacks_to_much_is_refused_when_hosted(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine.errors import RecordError
    from engine.records import run

    packed = store.pack(run(Toy(size=2000), store=store).key)
    monkeypatch.setattr(service, "MEGABYTE", 100)
    monkeypatch.setenv("ISTHMUS_MODE", "hosted")
    with pytest.raises(RecordError, match="unpacks to"):
        service.bring_in(packed)
