"""The app: `streamlit run app.py`. Page config, sign-in gate, navigation, job tray; no computing.

The server imports this file once, at its start, and finds `app`; then it runs it for every visitor.
"""

from __future__ import annotations

import streamlit as st
from starlette.types import ASGIApp

from pages.shared import server, shell
from pages.shared.door import Door
from pages.shared.intake import Intake


def frame() -> None:
    """The frame of every page, with the page that is asked for in it."""
    from pages.shared import address, intake, service
    from pages.shared.link import origin_notice
    from pages.shared.look import look
    from pages.shared.tray import tray

    shell.configure()
    look()
    if shell.admitted():
        page = shell.navigation()
        shell.account()
        with shell.told():
            service.jobs()
            intake.say_refused()
            address.turn()
            origin_notice()
            page.run()
        with shell.told():
            tray()


if st.runtime.exists():
    frame()
else:
    server.prepare()
    # Streamlit looks for a line like the first, and takes what is called `app` in the end.
    app: ASGIApp = st.App(__file__, lifespan=server.lifespan)
    app = Door(Intake(app))
