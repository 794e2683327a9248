"""Signing in at a hosted server, with a real OpenID provider on this machine."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from engine.serving import Server, start, stop
from tests.e2e.conftest import PATIENCE_MS, forget

pytestmark = pytest.mark.browser

SECRETS = """
[auth]
redirect_uri = "http://127.0.0.1:{{port}}/oauth2callback"
cookie_secret = "long, and drawn at random for this test only"
client_id = "isthmus"
client_secret = "the provider of this test takes any"
server_metadata_url = "{provider}/.well-known/openid-configuration"
allow = ["ada@example.org"]
"""


@pytest.fixture(scope="module")
def hosted(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Server]:
    """A hosted server whose visitors sign in with a provider that knows Ada, who is invited, and Bob."""
    from oidc_provider_mock import User, run_server_in_thread  # takes a while

    folder = tmp_path_factory.mktemp("hosted")
    secrets = folder / "secrets.toml"
    people = [
        User(sub=name, claims={"email": f"{name}@example.org", "email_verified": True})
        for name in ("ada", "bob")
    ]
    with run_server_in_thread(user_claims=people) as provider:
        secrets.write_text(SECRETS.format(provider=f"http://localhost:{provider.server_port}"))
        server = start(
            folder / "store",
            ISTHMUS_MODE="hosted",
            STREAMLIT_SECRETS_FILES=str(secrets),
            ISTHMUS_LOG="json",
        )
        yield server
        stop(server)
    _expect_nobody_in_the_log(server)


@pytest.fixture(scope="module")
def tab(browser: Browser) -> Iterator[Page]:
    """A tab in which nothing is fetched from another host, as the provider's page would for its looks."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.route("https://**", lambda route: route.abort())
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    yield page
    context.close()


@pytest.fixture
def page(tab: Page) -> Page:
    """The window of a new visitor."""
    forget(tab)
    return tab


def test_a_visitor_signs_in_and_out(hosted: Server, page: Page) -> None:
    page.goto(f"{hosted.url}/detector?nothing=1")
    _expect_the_gate(page)
    assert _upload(hosted, page) == _metrics(hosted, page) == 401
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="ada").click()
    expect(page.get_by_text("Signed in as ada@example.org")).to_be_visible()
    expect(page.get_by_role("heading", name="Is it an attack?", level=1)).to_be_visible()
    expect(page).to_have_url(re.compile(r"/detector\b"))
    assert _metrics(hosted, page) == 200
    assert _upload(hosted, page) != 401
    page.get_by_role("link", name="Results", exact=True).click()
    expect(page.get_by_role("heading", name="Results", level=1)).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="End session").click()  # the provider's own question
    _expect_the_gate(page)
    page.goto(f"{hosted.url}/runs")
    _expect_the_gate(page)
    assert _upload(hosted, page) == _metrics(hosted, page) == 401


def test_who_is_not_invited_is_told_so(hosted: Server, page: Page) -> None:
    page.goto(f"{hosted.url}/runs")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="bob").click()
    expect(page.get_by_text("This server is not open to bob@example.org.")).to_be_visible()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    expect(page.get_by_role("link", name="Results", exact=True)).to_have_count(0)
    assert _upload(hosted, page) == _metrics(hosted, page) == 401


def test_whoever_is_refused_by_the_provider_stays_outside(hosted: Server, page: Page) -> None:
    page.goto(hosted.url)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Deny").click()
    _expect_the_gate(page)


def _expect_the_gate(page: Page) -> None:
    expect(page.get_by_text("Please sign in to use this server.")).to_be_visible()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    expect(page.get_by_role("link", name="Results", exact=True)).to_have_count(0)
    expect(page.get_by_text("Signed in as")).to_have_count(0)


def _upload(hosted: Server, page: Page) -> int:
    """How the server answers a file of 9 MB that this visitor sends."""
    address = f"{hosted.url}/_stcore/upload_file/session/file"
    return page.request.put(address, data=b"x" * 9_000_000).status


def _metrics(hosted: Server, page: Page) -> int:
    return page.request.get(f"{hosted.url}/_stcore/metrics").status


def _expect_nobody_in_the_log(server: Server) -> None:
    """Every line of the log, after what Streamlit greets with, is an object that tells of no person."""
    log = server.log.read_text()
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    assert any(line["from"].startswith("streamlit.") for line in lines), "a visitor was refused"
    assert not re.search(r"ada|bob|example\.org|/oauth2callback|Traceback", log)
