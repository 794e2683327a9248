"""What the secrets say about signing in: the providers, and every fault that would keep it from working."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from streamlit.auth_util import is_authlib_installed

SHARED = ("redirect_uri", "cookie_secret")
PROVIDER = ("client_id", "client_secret", "server_metadata_url")
ADDRESSES = ("redirect_uri", "server_metadata_url")
TELLING = {"redirect_uri", "cookie_secret", "server_metadata_url"}
"""Entries that nothing but sign-in has; a client_id may be another section's."""
OPTIONS = "client_kwargs"
"""A section of [auth] that is no provider."""
TOKENS = "expose_tokens"
ALLOW = "allow"
"""The entry with the addresses, or @domains, of those who are let in; all who sign in otherwise."""
ENTRIES = {*SHARED, *PROVIDER, TOKENS, ALLOW}
ADDRESS = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+")
"""One address, so that nobody comes in by a second one behind his own."""
LEAST_SAID = 28
"""Bytes that it takes when compressed; of 32 random digits it is 34 at least."""
SHORTEST_SECRET = 32
"""Characters of a cookie secret: whoever guesses it signs in as anybody."""
DRAWN_BY = 'python -c "import secrets; print(secrets.token_hex(32))"'
CALLBACK = "/oauth2callback"
MODULES = ("authlib.integrations.starlette_client", "joserfc.jwt", "itsdangerous")
"""What Streamlit imports when somebody signs in; the first needs httpx."""


def providers(auth: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The providers of an [auth] section by name; the one without a name is the section itself."""
    named = {
        name: section
        for name, section in auth.items()
        if isinstance(section, Mapping) and name != OPTIONS
    }
    unnamed = not named or any(key in auth for key in PROVIDER)
    return {"": auth, **named} if unnamed else named


def auth_faults(auth: object) -> list[str]:
    """What is wrong with an [auth] section, a sentence each; no sentence holds a secret."""
    if not isinstance(auth, Mapping):
        return [f"auth must be a section, [auth], and is {_kind(auth)}."]
    found = _faults_of(auth, SHARED, "[auth]")
    for name, section in providers(auth).items():
        place = f"[auth.{name}]" if name else "[auth]"
        found += _faults_of(section, PROVIDER, place)
        if not isinstance(section.get(OPTIONS, {}), Mapping):
            found.append(f"{OPTIONS} in {place} must be a section.")
        if "_" in name:
            found.append(f"{place} has an underscore in its name, which Streamlit does not allow.")
    tokens = auth.get(TOKENS, [])
    tokens = tokens if isinstance(tokens, list) else [tokens]
    if any(token not in ("id", "access") for token in tokens):
        found.append(f'{TOKENS} in [auth] may name "id" and "access" only.')
    if not _is_allow_list(auth.get(ALLOW, ["@all"])):
        found.append(
            f'{ALLOW} in [auth] must be a list such as ["ada@example.org", "@example.edu"].'
        )
    for name, value in auth.items():  # a misspelt allow would let everybody in
        if name not in ENTRIES and not isinstance(value, Mapping):
            found.append(f"[auth] has an entry {name}, which means nothing there.")
    return found


def invited(user: Mapping[str, Any], auth: Mapping[str, Any]) -> bool:
    """Whether somebody who has signed in may come in: his address is allowed, and known to be his."""
    if ALLOW not in auth:
        return True
    address = str(user.get("email") or "").strip().lower()
    own = user.get("email_verified") in (True, "true") and ADDRESS.fullmatch(address)
    allowed = {entry.strip().lower() for entry in auth[ALLOW]}
    return bool(own) and bool({address, "@" + address.rpartition("@")[2]} & allowed)


def misplaced(secrets: Mapping[str, Any]) -> list[str]:
    """Entries for signing in that stand outside [auth], where they would leave the server open."""
    loose = [name for name in (*SHARED, *PROVIDER) if name in secrets]
    found = [f"{name} stands in no section: it belongs under [auth]." for name in loose]
    for place, section in _sections(secrets):
        telling = isinstance(section, Mapping) and TELLING & section.keys()
        if telling or ".".join(place).strip().lower() == "auth":
            found.append(f"The section [{'.'.join(place)}] must be called [auth].")
    return found


def _sections(secrets: Mapping[str, Any], *above: str) -> Iterator[tuple[tuple[str, ...], object]]:
    """Every entry with its place, and those of a section behind it."""
    for name, value in secrets.items():
        yield (*above, name), value
        if isinstance(value, Mapping):
            yield from _sections(value, *above, name)


def package_faults() -> list[str]:
    """What signing in needs and cannot be used: each would end in an error when somebody signs in."""
    for module in MODULES:
        try:
            import_module(module)
        except Exception as error:
            name = getattr(error, "name", None) or module
            return [f"Signing in needs {name}: pip install -r requirements.txt."]
    if not is_authlib_installed():
        return ["Signing in needs a newer Authlib: pip install -r requirements.txt."]
    return []


def _faults_of(section: Mapping[str, Any], keys: tuple[str, ...], place: str) -> list[str]:
    faults = []
    for key in keys:
        if key not in section:
            faults.append(f"{place} has no {key}.")
        elif fault := _fault(key, section[key]):
            faults.append(f"{key} in {place} {fault}.")
    return faults


def _fault(key: str, value: object) -> str:
    """What is wrong with one entry, as the end of a sentence; empty where it is right."""
    if not isinstance(value, str):
        return f"must be text in quotes, and is {_kind(value)}"
    if not value.strip():
        return "is empty"
    if key == "redirect_uri":
        value = value.replace("{port}", "8501")  # as Streamlit fills it in
        if not value.endswith(CALLBACK):
            return f"must end in {CALLBACK}"
    if key == "cookie_secret" and (len(value) < SHORTEST_SECRET or _says_little(value)):
        return f"is easily guessed: {SHORTEST_SECRET} random characters, such as from {DRAWN_BY}"
    if key in ADDRESSES and not _is_address(value):
        return "must be a whole address that begins with https:// or http://"
    return ""


def _says_little(secret: str) -> bool:
    """Whether it is of few different letters, or repeats itself."""
    return len(zlib.compress(secret.encode(), 9)) < LEAST_SAID


def _is_allow_list(value: object) -> bool:
    """Whether there is somebody on the list, and each entry an address or @domain."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(
            isinstance(entry, str) and re.fullmatch(r"\s*[^@\s]*@[^@\s]+\s*", entry)
            for entry in value
        )
    )


def _is_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
        return (
            parts.scheme in ("https", "http")
            and bool(parts.hostname)
            and parts.port != 0
            and not any(character.isspace() for character in value)
        )
    except ValueError:
        return False


def _kind(value: object) -> str:
    kinds: dict[type, str] = {bool: "true or false", int: "a number", float: "a number"}
    kinds |= {str: "text", list: "a list", dict: "a section"}
    return kinds.get(type(value), "something else")
