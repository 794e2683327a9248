"""How this server is set up, and what is wrong with it. Nothing is drawn here.

Streamlit itself takes a file of secrets that does not parse for none at all, which would open a server that
has sign-in to everybody; here it is refused.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from streamlit import config
from streamlit.errors import StreamlitSecretNotFoundError
from streamlit.runtime.secrets import Secrets

from engine.errors import IsthmusError
from pages.shared.mode import VARIABLE, log_form, metrics_port, mode
from pages.shared.sign_in import auth_faults, misplaced, package_faults

OPTION = "secrets.files"
FILES_VARIABLE = "STREAMLIT_SECRETS_FILES"


class SecretsError(IsthmusError):
    """Secrets that are there and cannot be used; the message never holds one of them."""


def read_secrets() -> dict[str, Any] | None:
    """All secrets, later files over earlier ones, as they are now; None where there is no file."""
    secrets: dict[str, Any] = {}
    for path in _paths():
        secrets.update(_read(path))
    return secrets or None


def _paths() -> list[str]:
    paths = config.get_option(OPTION)
    if not isinstance(paths, list | tuple) or not all(isinstance(path, str) for path in paths):
        raise SecretsError(f'{OPTION} must be a list of paths in quotes, such as ["secrets.toml"].')
    if os.environ.get(FILES_VARIABLE) and not _named():
        raise SecretsError(f"{FILES_VARIABLE} has no effect here: start with streamlit run app.py.")
    return list(paths)


def _named() -> bool:
    """Whether somebody chose the files: one that is missing then is a fault, not a choice."""
    return bool(config.is_manually_set(OPTION))


def _read(path: str) -> dict[str, Any]:
    """What one file or folder holds; nothing where there is none and nobody chose it."""
    try:
        content, found = Secrets()._parse_file_path(path)
    except Exception as error:
        raise SecretsError(f"The secrets in {path} cannot be read: {_words(error)}.") from None
    if not content and (found or _named() or os.path.lexists(path)):
        raise SecretsError(
            f"There are no secrets in {path}. Put them there; or, if this server is meant for "
            f"everybody, remove the file, and its name from {OPTION}."
        )
    return dict(content)


def _words(error: Exception) -> str:
    """Why a file cannot be read, without a word of what stands in it."""
    if isinstance(error, StreamlitSecretNotFoundError):
        if error.error_id != "failed-parsing-secrets-file":
            return "it must be a .toml file, or a folder with one folder for each section"
        place = re.search(r" \(at [^()]+\)$", str(error.__cause__))
        return f"it is not valid TOML{place[0] if place else ''}"
    if isinstance(error, OSError):
        return (error.strerror or "the system refuses").lower()
    if isinstance(error, UnicodeDecodeError):
        return "it is not text in UTF-8"
    return f"it is not understood ({type(error).__name__})"


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
