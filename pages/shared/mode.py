"""How the app is deployed: on somebody's own machine, or hosted for visitors. Nothing is drawn here."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from engine.errors import UnknownNameError, unknown_name
from engine.local_files import VARIABLE

SHARED_AUTH = ("redirect_uri", "cookie_secret")
PROVIDER_AUTH = ("client_id", "client_secret", "server_metadata_url")


@dataclass(frozen=True)
class Mode:
    """What a deployment allows: megabytes an upload, jobs waiting or running for one session."""

    name: str
    upload_mb: int
    active_jobs: int

    @property
    def hosted(self) -> bool:
        return self.name == "hosted"


MODES = {
    "local": Mode("local", upload_mb=32, active_jobs=100),
    "hosted": Mode("hosted", upload_mb=10, active_jobs=3),
}


def mode() -> Mode:
    """The mode that ISTHMUS_MODE names; UnknownNameError for any other word."""
    name = os.environ.get(VARIABLE, "").strip() or "local"
    if name not in MODES:
        raise unknown_name(VARIABLE, name, MODES)
    return MODES[name]


def obstacles(auth: Mapping[str, Any] | None) -> list[str]:
    """Why the app must not start as it is configured, in words for whoever set it up.

    `auth` is the [auth] section of the secrets, None where there is none.
    """
    try:
        hosted = mode().hosted
    except UnknownNameError as error:
        return [str(error)]
    if not hosted or auth is None:
        return []
    found = [f"[auth] has no {name}." for name in SHARED_AUTH if not auth.get(name)]
    sections = {name: section for name, section in auth.items() if isinstance(section, Mapping)}
    for name, section in sections.items() or {"": auth}.items():
        place = f"[auth.{name}]" if name else "[auth]"
        found += [f"{place} has no {key}." for key in PROVIDER_AUTH if not section.get(key)]
    if find_spec("authlib") is None:
        found.append("The package Authlib is not installed: pip install 'streamlit[auth]'.")
    return found


def providers(auth: Mapping[str, Any]) -> list[str]:
    """The named sign-in providers of an [auth] section; empty where there is one without a name."""
    return [name for name, section in auth.items() if isinstance(section, Mapping)]
