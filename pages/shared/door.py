"""Who is let in where visitors sign in, told of anything that asks: a page, an upload, a download."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config
from streamlit.auth_util import get_origin_from_redirect_uri
from streamlit.web.server.starlette import starlette_websocket as cookies
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from pages.shared.setup import settled, setup
from pages.shared.sign_in import CALLBACK, invited

OPEN = ("/_stcore/health", "/_stcore/host-config", "/_stcore/stream")
"""What the page needs that offers to sign in."""
CLOSED = ("/_stcore/", "/media/", "/component/", "/app/")
"""Beginnings of all else that holds a visitor's data or takes it."""
NO_PAGES = (*CLOSED, "/static/", "/auth/", CALLBACK)

WANTED = "isthmus_wanted"
"""The cookie with the page that a visitor asked for before signing in."""
WANTED_SECONDS = 600
LONGEST = 2000
"""Characters of an address that is remembered; browsers drop cookies beyond 4,096."""
LOCAL = re.compile(r"/(?![/\\])[!-~]*")
"""An address on this server: browsers take one that begins with // or /\\ for another host's."""


def admitted(scope: Scope, auth: Mapping[str, Any] | None) -> bool:
    """Whether a request may go on to Streamlit; `auth` is None where nobody signs in."""
    path = _path(scope)
    return path in OPEN or not path.startswith(CLOSED) or auth is None or knows(scope, auth)


def knows(scope: Scope, auth: Mapping[str, Any]) -> bool:
    """Whether the request bears the cookie of a visitor who signed in and is invited.

    Read as Streamlit reads it when a page connects, so that both always agree.
    """
    signed = cookies._get_signed_cookie_with_chunks(HTTPConnection(scope).cookies, USER_COOKIE_NAME)
    origin = get_origin_from_redirect_uri()
    if not signed or not origin:
        return False
    user = cookies._parse_decoded_user_cookie(signed, origin)
    return bool(user.get("is_logged_in")) and invited(user, auth)


def remembering(scope: Scope, send: Send, auth: Mapping[str, Any]) -> Send:
    """`send`, with a way back: the page asked for is kept, and after signing in is where one lands."""
    asked = _page_asked_for(scope)
    if asked and not knows(scope, auth):
        return _adding(send, {"set-cookie": _cookie(asked, WANTED_SECONDS)})
    wanted = unquote(HTTPConnection(scope).cookies.get(WANTED, ""))
    if _path(scope) == CALLBACK and LOCAL.fullmatch(wanted):
        return _adding(send, {"set-cookie": _cookie("", 0), "location": wanted})
    return send


def _page_asked_for(scope: Scope) -> str:
    """The address of a page that somebody opens; empty for whatever else is asked."""
    opens = scope["method"] == "GET" and "text/html" in Headers(scope=scope).get("accept", "")
    if not opens or _path(scope).startswith(NO_PAGES):
        return ""
    query = scope["query_string"].decode("latin-1")
    asked = quote(scope["path"]) + (f"?{query}" if query else "")
    return asked if LOCAL.fullmatch(asked) and len(asked) <= LONGEST else ""


def _adding(send: Send, headers: Mapping[str, str]) -> Send:
    """`send`, which adds to the headers of the answer; a location only replaces one that is there."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            found = MutableHeaders(scope=message)
            for name, value in headers.items():
                if name != "location":
                    found.append(name, value)
                elif name in found:
                    found[name] = value
        await send(message)

    return sending


def _cookie(address: str, seconds: int) -> str:
    answer = Response()
    answer.set_cookie(WANTED, quote(address, safe=""), seconds, httponly=True, samesite="lax")
    return answer.headers["set-cookie"]


def _path(scope: Scope) -> str:
    """The path below the one that the server is told to lie at."""
    base = "/" + config.get_option("server.baseUrlPath").strip("/")
    path: str = scope["path"]
    return path.removeprefix(base) if base != "/" and path.startswith(f"{base}/") else path


PAGE = Path(__file__).with_name("shut.html").read_text(encoding="utf-8")
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
}
CHANGED = "The mode or [auth] has changed since the server started. Restart it."
SIGN_IN = "Please sign in to use this server."
TRY_LATER = 1013
"""What a websocket is told that is closed."""

log = logging.getLogger(__name__)


class Door:
    """An ASGI app around the whole of Streamlit's, which is not even started where there is a fault.

    Streamlit takes up changed secrets while it runs, though not all of them and not always, and
    takes broken ones for none. So whatever comes in is let through only while the set-up is still
    the one of the start.
    """

    sessions = 0
    """Pages that are open in browsers at this moment."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._told: tuple[str, ...] = ()
        self._tell(settled().faults)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await (_rest if settled().faults else self._app)(scope, receive, send)
        elif self._shut():
            # A websocket that is not accepted yet may be answered with a page too.
            await HTMLResponse(PAGE, 503, HEADERS)(scope, receive, send)
        elif scope["type"] == "websocket":
            Door.sessions += 1
            try:
                await self._app(scope, self._heard(receive, send), send)
            finally:
                Door.sessions -= 1
        else:
            await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let Streamlit answer whom it may; files come and go for those who have signed in."""
        first = settled()
        if not admitted(scope, first.auth):
            await PlainTextResponse(SIGN_IN, 401, {"Cache-Control": "no-store"})(
                scope, receive, send
            )
        elif first.auth is None:
            await self._app(scope, receive, send)
        else:
            await self._app(scope, receive, remembering(scope, send, first.auth))

    def _shut(self) -> bool:
        if settled().faults:  # nothing was started: mending them takes another start
            return True
        now = setup()
        faults = now.faults or (() if now == settled() else (CHANGED,))
        self._tell(faults)
        return bool(faults)

    def _tell(self, faults: tuple[str, ...]) -> None:
        """Log for whoever runs the server, once, what keeps the door shut."""
        if faults != self._told:
            for fault in faults:
                log.error("Isthmus is not set up: %s", fault, extra={"facts": {"fault": fault}})
        self._told = faults

    def _heard(self, receive: Receive, send: Send) -> Receive:
        """What the visitor of an open page says, up to the moment when the door is shut."""

        async def heard() -> Message:
            message = await receive()
            if message["type"] == "websocket.receive" and self._shut():
                await send({"type": "websocket.close", "code": TRY_LATER})
                return {"type": "websocket.disconnect", "code": TRY_LATER}
            return message

        return heard


async def _rest(scope: Scope, receive: Receive, send: Send) -> None:
    """Start nothing, and stop nothing."""
    for stage in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{stage}.complete"})
