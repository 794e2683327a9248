"""What a hosted server refuses, and that it does not start with half a configuration."""

from __future__ import annotations

from importlib.machinery import ModuleSpec
from typing import Any

import pytest

from engine.errors import ParameterError, UnknownNameError
from pages.shared import mode

WHOLE = {
    "redirect_uri": "https://example.org/oauth2callback",
    "cookie_secret": "long and random",
    "client_id": "id",
    "client_secret": "secret",
    "server_metadata_url": "https://example.org/.well-known/openid-configuration",
}


@pytest.fixture
def hosted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(mode.VARIABLE, "hosted")
    monkeypatch.setattr(mode, "find_spec", lambda name: ModuleSpec(name, None))


def test_the_default_is_ones_own_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(mode.VARIABLE, raising=False)
    assert not mode.mode().hosted
    mode.refuse_local_paths("file:model.pt2", "folder:pictures")


def test_a_misspelt_mode_is_an_error_that_names_the_modes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(mode.VARIABLE, "hostd")
    with pytest.raises(UnknownNameError, match=r"local, hosted"):
        mode.mode()
    assert mode.obstacles(None)


@pytest.mark.usefixtures("hosted")
@pytest.mark.parametrize("name", ["file:/etc/passwd", "folder:/", "parquet:x.parquet"])
def test_hosted_visitors_cannot_name_the_servers_files(name: str) -> None:
    with pytest.raises(ParameterError, match="hosted demo"):
        mode.refuse_local_paths("shapes", name)


@pytest.mark.usefixtures("hosted")
def test_sign_in_is_whole_or_absent() -> None:
    assert mode.obstacles(None) == []
    assert mode.obstacles(WHOLE) == []


@pytest.mark.usefixtures("hosted")
@pytest.mark.parametrize("missing", WHOLE)
def test_each_missing_entry_is_named(missing: str) -> None:
    auth: dict[str, Any] = {name: value for name, value in WHOLE.items() if name != missing}
    assert [missing in reason for reason in mode.obstacles(auth)] == [True]


@pytest.mark.usefixtures("hosted")
def test_named_providers_are_checked_each_by_itself() -> None:
    shared = {name: WHOLE[name] for name in mode.SHARED_AUTH}
    provider = {name: WHOLE[name] for name in mode.PROVIDER_AUTH}
    assert mode.obstacles({**shared, "okta": provider}) == []
    reasons = mode.obstacles({**shared, "okta": provider, "google": {"client_id": "x"}})
    assert reasons == [
        "[auth.google] has no client_secret.",
        "[auth.google] has no server_metadata_url.",
    ]
    assert mode.providers({**shared, "okta": provider}) == ["okta"]


def test_sign_in_needs_its_package(hosted: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mode, "find_spec", lambda name: None)
    assert any("Authlib" in reason for reason in mode.obstacles(WHOLE))
