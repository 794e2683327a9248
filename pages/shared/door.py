"""The door of the server: with any fault in its set-up nobody gets past it, whatever they ask for.

Where visitors sign in, nobody gets past it to files before he has.
"""

from __future__ import annotations

import logging
from pathlib import Path

from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.shared.admission import admitted, remembering
from pages.shared.setup import settled, setup

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
