"""The image and its composition: they copy what the app needs and no more, and start what is there."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
LINES = (ROOT / "Dockerfile").read_text().replace("\\\n", " ").splitlines()
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SETTINGS = dict(
    pair.split("=", 1)
    for line in LINES
    if line.startswith("ENV ")
    for pair in shlex.split(line)[1:]
)


def _after(word: str) -> list[str]:
    """What follows an instruction of the Dockerfile, line by line."""
    return [line.removeprefix(word).strip() for line in LINES if line.startswith(f"{word} ")]


def _copied() -> list[str]:
    """What is copied from this folder, not from another stage."""
    lines = [line.split() for line in _after("COPY") if not line.startswith("--from")]
    return [source for *sources, _ in lines for source in sources]


def test_what_is_copied_is_there_and_is_sent_to_be_built() -> None:
    rules = (ROOT / ".dockerignore").read_text().split("\n")
    sent = {rule[1:] for rule in rules if rule.startswith("!")}
    assert "*" in rules
    assert sent == set(_copied())
    assert all((ROOT / path).exists() for path in sent)


def test_all_that_the_app_needs_is_copied_and_no_secret() -> None:
    """The wheel says what that is; tests/test_wheel.py runs it alone."""
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {*wheel["packages"], *wheel["force-include"]}
    assert needed <= set(_copied())
    assert not any(fnmatch(".streamlit/secrets.toml", path + "*") for path in _copied())


def test_versions_stand_in_the_requirements_alone() -> None:
    assert not re.search(r"==\d", "\n".join(LINES))
    torch = next(line for line in LINES if "torch.txt" in line)
    expression = re.search(r"grep -E '([^']+)' requirements.txt", torch)
    assert expression
    pinned = (ROOT / "requirements.txt").read_text().splitlines()
    chosen = [line.split("==")[0] for line in pinned if re.match(expression[1], line)]
    assert chosen == ["torch", "torchvision"]


def test_it_is_not_root_and_writes_to_its_volume_and_tmp_only() -> None:
    last = max(number for number, line in enumerate(LINES) if line.startswith("FROM"))
    assert any(line.startswith("USER isthmus") for line in LINES[last:])
    written = [SETTINGS[name] for name in ("HOME", "ISTHMUS_STORE", "XDG_CACHE_HOME")]
    assert all(Path(path).is_relative_to("/data") for path in written)
    app = COMPOSE["services"]["app"]
    assert app["read_only"]
    assert [volume.split(":")[1] for volume in app["volumes"]] == _after("VOLUME") == ["/data"]
    assert [place.split(":")[0] for place in app["tmpfs"]] == ["/tmp"]
    assert app["cap_drop"] == ["ALL"]
    assert app["deploy"]["resources"]["limits"]["memory"]


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1)])
def test_the_health_check_is_red_where_the_server_is_shut(status: int, code: int) -> None:
    """As the Dockerfile has it, but against a server on another port."""
    command = json.loads(_after("HEALTHCHECK")[0].split("CMD ", 1)[1])
    assert command[0] == "python"
    server = (
        "import http.server as h, sys\n"
        "class Answer(h.BaseHTTPRequestHandler):\n"
        "    def do_GET(self):\n"
        "        found = self.path == '/_stcore/health'\n"
        f"        self.send_response({status} if found else 404); self.end_headers()\n"
        "made = h.HTTPServer(('127.0.0.1', 0), Answer)\n"
        "print(made.server_port, flush=True); made.handle_request()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", server], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        port = process.stdout.readline().strip() if process.stdout else ""
        words = [word.replace("8501", port) for word in command[1:]]
        done = subprocess.run([sys.executable, *words], capture_output=True, check=False)
        process.wait(10)
    assert done.returncode == code


def test_every_setting_is_one_that_is_documented() -> None:
    documented = (ROOT / "README.md").read_text()
    composed = COMPOSE["services"]["app"]["environment"]
    for name in {**SETTINGS, **composed}:
        assert name in documented or not name.startswith(("ISTHMUS", "STREAMLIT")), name


def test_the_proxy_leads_to_the_app_and_keeps_a_visitor_at_one_server() -> None:
    port = _after("EXPOSE")[0]
    assert f"--server.port={port}" in json.loads(_after("CMD")[0])
    caddyfile = COMPOSE["configs"]["caddyfile"]["content"]
    assert f"dynamic a app {port}" in caddyfile
    assert "lb_policy cookie" in caddyfile
    for name, service in COMPOSE["services"].items():
        assert {volume.split(":")[0] for volume in service["volumes"]} <= COMPOSE["volumes"].keys()
        assert service["read_only"], name
        for config in service.get("configs", ()):
            assert config["source"] in COMPOSE["configs"]
        for secret in service.get("secrets", ()):
            assert secret["source"] in COMPOSE["secrets"]
            assert secret["target"] == service["environment"]["STREAMLIT_SECRETS_FILES"]
