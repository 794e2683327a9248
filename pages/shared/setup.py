"""How this server is set up, and what is wrong with it. Nothing is drawn here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from engine.errors import IsthmusError
from pages.shared.mode import VARIABLE, log_form, metrics_port, mode
from pages.shared.secret_files import read_secrets
from pages.shared.sign_in import auth_faults, misplaced, package_faults


@dataclass(frozen=True)
class Setup:
    """A mode, the [auth] section that visitors sign in by, and the faults that keep everybody out."""

    mode: str = ""
    auth: Mapping[str, Any] | None = field(default=None, repr=False)
    faults: tuple[str, ...] = ()


def setup() -> Setup:
    """How the server is set up at this moment, read anew. On one's own machine nobody signs in."""
    try:
        name = mode().name
        log_form(), metrics_port()
        secrets = read_secrets() if mode().hosted else None
    except IsthmusError as error:
        return Setup(faults=(str(error),))
    if secrets is None:
        return Setup(name)
    faults = []
    if VARIABLE in secrets:  # Streamlit makes it a variable, and takes that back, while it runs
        faults.append(f"{VARIABLE} stands in the secrets: set it in the environment instead.")
    if "auth" not in secrets:
        return Setup(name, None, (*faults, *misplaced(secrets)))
    auth = secrets["auth"]
    return Setup(name, auth, (*faults, *auth_faults(auth), *package_faults()))


@cache
def settled() -> Setup:
    """How the server was set up when it started: this holds for its visitors until it ends."""
    return setup()
