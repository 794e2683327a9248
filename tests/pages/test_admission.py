"""Where visitors sign in: what is closed before, the way back to the page, and who is invited."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from urllib.parse import quote

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send
from streamlit.runtime.secrets import secrets_singleton
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from pages.shared.door import WANTED, Door
from pages.shared.setup import settled
from pages.shared.sign_in import invited
from tests.pages.test_setup import SECRET, WHOLE

ORIGIN = "https://example.org"
CLOSED = [
    ("PUT", "/_stcore/upload_file/session/file"),
    ("DELETE", "/_stcore/upload_file/session/file"),
    ("GET", "/media/0123.png"),
    ("HEAD", "/media/0123.png"),
    ("GET", "/_stcore/metrics"),
    ("POST", "/_stcore/agent/interact"),
    ("GET", "/_stcore/bidi-components/any/index.js"),
    ("GET", "/component/any/index.html"),
    ("GET", "/app/static/file"),
]
OPEN = ["/", "/detector", "/static/js/index.js", "/_stcore/health", "/_stcore/host-config"]


async def streamlit(scope: Scope, receive: Receive, send: Send) -> None:
    """Stands in for Streamlit: it lets everybody in, and sends those who signed in to its start."""
    back = scope["path"] == "/oauth2callback"
    answer: Response = RedirectResponse("/", 302) if back else PlainTextResponse("let in")
    await Request(scope, receive).body()
    await answer(scope, receive, send)


@pytest.fixture
def door(secrets: Callable[..., str]) -> Iterator[Callable[..., TestClient]]:
    """The door of a hosted server with sign-in, and further lines of its secrets."""

    def made(more: str = "") -> TestClient:
        secrets(WHOLE + more)
        secrets_singleton._reset()
        settled.cache_clear()
        return TestClient(Door(streamlit), base_url=ORIGIN, follow_redirects=False)

    yield made
    secrets_singleton._reset()
    settled.cache_clear()


def signed(client: TestClient, secret: str = SECRET, origin: str = ORIGIN, **user: object) -> None:
    """Give a browser the cookie of somebody who signed in."""
    payload = json.dumps({"is_logged_in": True, "origin": origin, **user})
    value = create_signed_value(secret, USER_COOKIE_NAME, payload)
    client.cookies.set(USER_COOKIE_NAME, value.decode() if isinstance(value, bytes) else value)


@pytest.mark.parametrize(("method", "path"), CLOSED)
def test_files_come_and_go_only_for_those_who_signed_in(
    door: Callable[..., TestClient], method: str, path: str
) -> None:
    client = door()
    assert client.request(method, path, content=b"x" * 100).status_code == 401
    signed(client, secret="x" + SECRET)
    assert client.request(method, path).status_code == 401
    signed(client, origin="https://elsewhere.org")
    assert client.request(method, path).status_code == 401
    signed(client)
    assert client.request(method, path).status_code == 200


def test_the_page_that_offers_to_sign_in_is_open(door: Callable[..., TestClient]) -> None:
    assert [door().get(path).status_code for path in OPEN] == [200] * len(OPEN)


def test_without_sign_in_all_is_open(
    door: Callable[..., TestClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = door()
    monkeypatch.setenv("ISTHMUS_MODE", "local")
    settled.cache_clear()
    assert [client.request(*asked).status_code for asked in CLOSED] == [200] * len(CLOSED)
    assert not client.get("/detector", headers={"accept": "text/html"}).cookies


@pytest.mark.parametrize(
    "asked", ["/detector", "/real-real?rr_first=3&rr_label=a%20%22b%22%3B", "/"]
)
def test_one_lands_on_the_page_that_one_wanted(door: Callable[..., TestClient], asked: str) -> None:
    client = door()
    client.get(asked, headers={"accept": "text/html,*/*"})
    client.get("/static/x.html", headers={"accept": "text/html"})
    back = client.get("/oauth2callback")
    assert back.headers["location"] == asked
    assert not client.cookies.get(WANTED)
    assert client.get("/oauth2callback").headers["location"] == "/"


@pytest.mark.parametrize(
    "address",
    ["//evil.org", "/\\evil.org", "https://evil.org", "/a b", "/a\r\nset-cookie: b=c", "evil", ""],
)
def test_one_lands_nowhere_else(door: Callable[..., TestClient], address: str) -> None:
    client = door()
    client.cookies.set(WANTED, quote(address, safe=""))
    assert client.get("/oauth2callback").headers["location"] == "/"


def test_no_page_of_another_host_is_remembered(door: Callable[..., TestClient]) -> None:
    client = door()
    for path in ("//evil.org/x", "/%5Cevil.org", "/" + "x" * 3000):
        answer = client.get(f"{ORIGIN}{path}", headers={"accept": "text/html"})
        wanted = answer.cookies.get(WANTED, "")
        assert "evil.org/x" not in wanted
        assert len(wanted) < 100


def test_only_who_is_invited_comes_in(door: Callable[..., TestClient]) -> None:
    client = door('allow = ["Ada@example.org", "@example.edu"]')
    for user, status in (
        ({"email": "ada@EXAMPLE.org", "email_verified": True}, 200),
        ({"email": "bob@example.edu", "email_verified": "true"}, 200),
        ({"email": "ada@example.org"}, 401),
        ({"email": "ada@example.org", "email_verified": False}, 401),
        ({"email": "bob@example.org", "email_verified": True}, 401),
        ({"email": "ada@sub.example.edu", "email_verified": True}, 401),
        ({"email": "@example.edu@evil.org", "email_verified": True}, 401),
        ({"email": "eve@evil.org, ada@example.org", "email_verified": True}, 401),
        ({"email": "eve@evil.org bob@example.edu", "email_verified": True}, 401),
        ({"email_verified": True}, 401),
    ):
        signed(client, **user)
        assert client.get("/media/0123.png").status_code == status, user
    assert invited({}, {"cookie_secret": ""})
