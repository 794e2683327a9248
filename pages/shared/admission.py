"""Who is let in where visitors sign in, told of anything that asks: a page, an upload, a download."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import Message, Scope, Send
from streamlit import config
from streamlit.auth_util import get_origin_from_redirect_uri
from streamlit.web.server.starlette import starlette_websocket as cookies
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

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
