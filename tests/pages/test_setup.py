"""How a server is set up: what is allowed, and that every fault is named and shuts it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit import config

from pages.shared import sign_in
from pages.shared.setup import setup

ROOT = Path(__file__).resolve().parents[2]
Given = Callable[..., str]

SECRET = "hush-1 0123456789 abcdefghijklmn"
SHARED = f"""
[auth]
redirect_uri = "https://example.org/oauth2callback"
cookie_secret = "{SECRET}"
"""
PROVIDER = """
client_id = "hush-2"
client_secret = "hush-3"
server_metadata_url = "https://example.org/.well-known/openid-configuration"
"""
WHOLE = SHARED + PROVIDER
URI, METADATA = "https://example.org/oauth2callback", "https://example.org/.well-known/"
NAMED = f"{SHARED}\n[auth.okta]{PROVIDER}"

SOUND = {
    "one provider": WHOLE,
    "a port that Streamlit fills in": WHOLE.replace(URI, "http://localhost:{port}/oauth2callback"),
    "below a path": WHOLE.replace(URI, "https://example.org/demo/oauth2callback"),
    "a named provider": NAMED,
    "two named providers": f"{NAMED}\n[auth.google]{PROVIDER}",
    "one without a name, one with": f"{WHOLE}\n[auth.okta]{PROVIDER}",
    "options for the client": f'{WHOLE}\n[auth.client_kwargs]\nscope = "openid"',
    "a list of visitors": f'{WHOLE}\nallow = ["ada@example.org", "@example.edu"]',
    "tokens": f'{WHOLE}\nexpose_tokens = ["id", "access"]',
    "other secrets too": f'{WHOLE}\n[connections.x]\nclient_id = "y"\nauth = "basic"',
}
FAULTS = {
    "not TOML": (WHOLE + 'x = "hush', "cannot be read: it is not valid TOML (at "),
    "an entry twice": (WHOLE + 'client_id = "hush-4"', "it is not valid TOML (at "),
    "not text": (WHOLE.encode() + b"# \xff", "it is not text in UTF-8"),
    "nothing": ("", "There are no secrets in "),
    "only notes": ("# [auth]\n", "There are no secrets in "),
    "no section": ('auth = "hush-1"', "auth must be a section, [auth], and is text."),
    "many sections": ("[[auth]]", "auth must be a section, [auth], and is a list."),
    "an empty section": ("[auth]", "[auth] has no redirect_uri."),
    "number": (
        WHOLE.replace(f'"{SECRET}"', "17"),
        "cookie_secret in [auth] must be text in quotes",
    ),
    "truth": (WHOLE.replace('"hush-3"', "true"), "and is true or false."),
    "list": (WHOLE.replace('"hush-2"', '["hush-2"]'), "client_id in [auth] must be text in quotes"),
    "table": (WHOLE.replace('"hush-3"', "{}"), "client_secret"),
    "date": (WHOLE.replace(f'"{SECRET}"', "2026-01-01"), "and is something else."),
    "blank": (WHOLE.replace(SECRET, " "), "cookie_secret in [auth] is empty."),
    "short": (WHOLE.replace(SECRET, SECRET[:-1]), "cookie_secret in [auth] is easily guessed: 32"),
    "monotonous": (WHOLE.replace(SECRET, "hush" * 10), "cookie_secret in [auth] is easily guessed"),
    "counted": (
        WHOLE.replace(SECRET, "0123456789" * 4),
        "cookie_secret in [auth] is easily guessed",
    ),
    "a phrase again and again": (
        WHOLE.replace(SECRET, "change-me-change-me-change-me-1234"),
        "cookie_secret in [auth] is easily guessed",
    ),
    "nobody allowed": (f"{WHOLE}allow = []", "allow in [auth] must be a list such as"),
    "one allowed": (f'{WHOLE}allow = "@example.org"', "allow in [auth] must be a list such as"),
    "no address allowed": (f'{WHOLE}allow = ["ada"]', "allow in [auth] must be a list such as"),
    "a misspelt list": (f'{WHOLE}allowed = ["@hush.org"]', "[auth] has an entry allowed, which"),
    "wrong end": (WHOLE.replace(URI, "https://example.org/"), "must end in /oauth2callback."),
    "wrong scheme": (
        WHOLE.replace(URI, "ftp://example.org/oauth2callback"),
        "redirect_uri in [auth]",
    ),
    "no host": (
        WHOLE.replace(URI, "https:///oauth2callback"),
        "redirect_uri in [auth] must be a whole",
    ),
    "no address": (
        WHOLE.replace(METADATA, "example.org/"),
        "server_metadata_url in [auth] must be",
    ),
    "bad port": (WHOLE.replace(METADATA, "http://x:y/"), "server_metadata_url in [auth] must be"),
    "bad host": (WHOLE.replace(METADATA, "http://[x/"), "server_metadata_url in [auth] must be"),
    "spaces": (WHOLE.replace(METADATA, "https://a b/"), "server_metadata_url in [auth] must be"),
    "half of two": (
        f'{NAMED}\n[auth.google]\nclient_id = "x"',
        "[auth.google] has no client_secret.",
    ),
    "half without a name": (
        f'{SHARED}client_id = "x"\n[auth.okta]{PROVIDER}',
        "[auth] has no client_s",
    ),
    "underscore": (f"{SHARED}\n[auth.my_own]{PROVIDER}", "[auth.my_own] has an underscore"),
    "options": (f'{WHOLE}client_kwargs = "x"', "client_kwargs in [auth] must be a section."),
    "tokens": (f'{WHOLE}expose_tokens = "hush"', "expose_tokens in [auth]"),
    "tokens by number": (f"{WHOLE}expose_tokens = 5", "expose_tokens in [auth]"),
    "no heading": (WHOLE.replace("[auth]", ""), "client_secret stands in no section"),
    "another heading": (WHOLE.replace("[auth]", "[oauth]"), "[oauth] must be called [auth]."),
    "below another": (WHOLE.replace("[auth]", "[x.auth]"), "[x.auth] must be called [auth]."),
    "below two": (WHOLE.replace("[auth]", "[x.y.z]"), "[x.y.z] must be called [auth]."),
    "a capital": (WHOLE.replace("[auth]", "[Auth]"), "[Auth] must be called [auth]."),
    "the mode": ('ISTHMUS_MODE = "local"\n' + WHOLE, "ISTHMUS_MODE stands in the secrets"),
}


@pytest.mark.parametrize("content", SOUND.values(), ids=SOUND)
def test_what_is_sound_is_open(secrets: Given, content: str) -> None:
    secrets(content)
    assert setup().faults == ()
    assert setup().auth is not None


@pytest.mark.parametrize(("content", "words"), FAULTS.values(), ids=FAULTS)
def test_every_fault_is_named_without_a_secret(
    secrets: Given, content: str | bytes, words: str
) -> None:
    secrets(content)
    told = " ".join(setup().faults)
    assert words in told
    assert "hush" not in told + repr(setup())


@pytest.mark.parametrize("key", [*sign_in.SHARED, *sign_in.PROVIDER])
def test_each_missing_entry_is_named_and_no_other(secrets: Given, key: str) -> None:
    secrets("\n".join(line for line in WHOLE.split("\n") if not line.startswith(f"{key} =")))
    assert setup().faults == (f"[auth] has no {key}.",)


def test_without_secrets_a_hosted_server_is_open_to_everybody(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ISTHMUS_MODE", "hosted")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert setup().faults == ()
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "secrets.toml").symlink_to("nowhere.toml")
    assert "There are no secrets in " in setup().faults[0]


def test_other_secrets_alone_leave_it_open(secrets: Given) -> None:
    secrets('[connections.x]\nclient_id = "y"')
    assert (setup().auth, setup().faults) == (None, ())


def test_a_file_that_is_named_must_be_there(secrets: Given) -> None:
    path = secrets(None)
    assert f"There are no secrets in {path}." in setup().faults[0]


def test_a_path_that_is_neither_file_nor_folder_is_refused(secrets: Given) -> None:
    secrets(WHOLE, name="secrets.txt")
    assert "it must be a .toml file, or a folder" in setup().faults[0]


def test_a_folder_in_place_of_the_file_is_refused(secrets: Given, tmp_path: Path) -> None:
    secrets(None)
    (tmp_path / "secrets.toml").mkdir()
    assert "is a directory" in setup().faults[0]


def test_a_file_in_place_of_its_folder_is_refused(secrets: Given, tmp_path: Path) -> None:
    (tmp_path / "plain").write_text(WHOLE)
    secrets(None, name="plain/secrets.toml")
    assert "not a directory" in setup().faults[0]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read_is_refused(secrets: Given) -> None:
    Path(secrets(WHOLE)).chmod(0)
    assert "permission denied" in setup().faults[0]


def test_secrets_may_be_folders_as_clusters_mount_them(secrets: Given, tmp_path: Path) -> None:
    section = tmp_path / "mounted" / "auth"
    section.mkdir(parents=True)
    for line in filter(None, WHOLE.replace("[auth]", "").split("\n")):
        name, value = line.split(" = ")
        (section / name).write_text(value.strip('"') + "\n")
    secrets(None, name="mounted")
    assert setup().faults == ()
    (section / "cookie_secret").unlink()
    assert setup().faults == ("[auth] has no cookie_secret.",)


@pytest.mark.parametrize("paths", ["secrets.toml", [1], None])
def test_the_list_of_files_must_be_one(
    monkeypatch: pytest.MonkeyPatch, secrets: Given, paths
) -> None:
    secrets(WHOLE)
    config.set_option("secrets.files", paths)
    assert "secrets.files must be a list" in setup().faults[0]


def test_a_variable_that_streamlit_overlooks_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ISTHMUS_MODE", "hosted")
    monkeypatch.setenv("STREAMLIT_SECRETS_FILES", "secrets.toml")
    assert "STREAMLIT_SECRETS_FILES has no effect here" in setup().faults[0]


def test_on_ones_own_machine_secrets_do_not_matter(
    secrets: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets("[auth")
    monkeypatch.setenv("ISTHMUS_MODE", "local")
    assert (setup().mode, setup().auth, setup().faults) == ("local", None, ())


def test_a_misspelt_mode_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ISTHMUS_MODE", "hostd")
    assert "Did you mean 'hosted'?" in setup().faults[0]


@pytest.mark.parametrize("package", ["httpx", "authlib", "joserfc", "itsdangerous"])
def test_a_missing_package_is_a_fault(secrets: Given, package: str) -> None:
    """In a process of its own, where nothing is imported yet; Authlib also takes httpx2 for httpx."""
    code = (
        "import sys\n"
        f"sys.modules.update(dict.fromkeys([{package!r}, 'httpx2']))\n"
        "from pages.shared.sign_in import package_faults\n"
        "print(*package_faults())"
    )
    command = [sys.executable, "-c", code]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert answer.startswith(f"Signing in needs {package}")
    assert "pip install -r requirements.txt" in answer


def test_the_gate_offers_each_provider(secrets: Given) -> None:
    for content, names in (
        (WHOLE, [""]),
        (NAMED, ["okta"]),
        (SOUND["options for the client"], [""]),
    ):
        secrets(content)
        auth = setup().auth
        assert auth is not None
        assert list(sign_in.providers(auth)) == names
