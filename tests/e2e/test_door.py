"""A server with a fault in its set-up is shut, whatever is asked of it, and one without is open."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from engine.serving import Server, start, stop
from pages.shared.door import TRY_LATER
from tests.e2e.conftest import PATIENCE_MS

SIGN_IN = """
[auth]
redirect_uri = "http://127.0.0.1:{port}/oauth2callback"
cookie_secret = "not-to-be-told-1 0123456789 abcdefgh"
client_id = "isthmus"
client_secret = "not-to-be-told-2"
server_metadata_url = "http://127.0.0.1:9/.well-known/openid-configuration"
"""
FAULTS = {
    "broken": ("hosted", SIGN_IN + "client_secret =", "it is not valid TOML"),
    "misspelt": ("hostd", SIGN_IN, "Did you mean 'hosted'?"),
}
"""One in the secrets, one in the variables; the others are told apart in `pages/test_setup.py`."""

ASKED = [
    ("GET", "/"),
    ("GET", "/detector"),
    ("GET", "/runs?run=0123"),
    ("GET", "/_stcore/health"),
    ("GET", "/_stcore/host-config"),
    ("GET", "/_stcore/stream"),
    ("GET", "/_stcore/metrics"),
    ("PUT", "/_stcore/upload_file/session/file"),
    ("DELETE", "/_stcore/upload_file/session/file"),
    ("GET", "/media/0123.png"),
    ("GET", "/static/js/index.js"),
    ("GET", "/component/any/index.html"),
    ("GET", "/auth/login"),
    ("GET", "/oauth2callback"),
    ("POST", "/nowhere"),
]


def serve(folder: Path, mode: str, secrets: str, health: int) -> Server:
    """Start a server with a secrets file."""
    path = folder / "secrets.toml"
    path.write_text(secrets)
    variables = {"ISTHMUS_MODE": mode, "STREAMLIT_SECRETS_FILES": str(path)}
    return start(folder / "store", health, **variables)


@pytest.fixture(scope="module", params=FAULTS)
def shut(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, str]]:
    """A server with a fault, and what its log has to say of it."""
    mode, secrets, words = FAULTS[request.param]
    server = serve(tmp_path_factory.mktemp("shut"), mode, secrets, health=503)
    yield server, words
    stop(server)


@pytest.fixture
def open_server(tmp_path: Path) -> Iterator[Server]:
    """A hosted server with sign-in, set up as it should be."""
    server = serve(tmp_path, "hosted", SIGN_IN, health=200)
    yield server
    stop(server)


def stream(server: Server) -> ClientConnection:
    """The connection that a page of this server holds."""
    return connect(server.url.replace("http", "ws") + "/_stcore/stream", subprotocols=["streamlit"])


def test_everything_is_shut(shut: tuple[Server, str]) -> None:
    server, words = shut
    with httpx.Client(base_url=server.url) as client:
        for method, path in ASKED:
            answer = client.request(method, path, content=b"x" if method == "PUT" else None)
            assert answer.status_code == 503, path
            assert "<title>Isthmus is not set up</title>" in answer.text
            assert answer.headers["cache-control"] == "no-store"
            assert words not in answer.text
    with pytest.raises(InvalidStatus) as refused, stream(server):
        pass
    assert refused.value.response.status_code == 503


def test_the_log_says_why_and_tells_no_secret(shut: tuple[Server, str]) -> None:
    server, words = shut
    log = server.log.read_text()
    assert "Isthmus is not set up: " in log
    assert words in log
    assert "not-to-be-told" not in log
    assert "Traceback" not in log


@pytest.mark.browser
def test_a_visitor_reads_that_it_is_not_set_up(shut: tuple[Server, str], browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 800})
    page.goto(f"{shut[0].url}/detector", timeout=PATIENCE_MS)
    expect(page).to_have_title("Isthmus is not set up")
    expect(page.get_by_role("heading", name="Isthmus is not set up")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    page.close()


def test_a_server_without_fault_is_open_until_its_secrets_change(open_server: Server) -> None:
    secrets = open_server.log.with_name("secrets.toml")
    whole = secrets.read_text()
    assert httpx.get(open_server.url).status_code == 200
    for change in (
        whole + "client_secret =",
        "",
        "[other]\nkey = 1",
        whole.replace("told-1", "told-3"),
    ):
        with stream(open_server) as visitor:
            secrets.write_text(change)
            visitor.send(b"anything")
            assert _last_word(visitor) == TRY_LATER
        _expect_all(open_server, 503)
        secrets.write_text(whole)
        _expect_all(open_server, 200)
    secrets.unlink()
    _expect_all(open_server, 503)
    assert "not-to-be-told" not in open_server.log.read_text()


def _last_word(visitor: ClientConnection) -> int | None:
    """The code with which the server closes a connection; TimeoutError where it does not."""
    while True:
        try:
            visitor.recv(timeout=PATIENCE_MS / 1000)
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else None


def _expect_all(server: Server, status: int) -> None:
    for path in ("/", "/detector", "/_stcore/health"):
        assert httpx.get(server.url + path).status_code == status, path
