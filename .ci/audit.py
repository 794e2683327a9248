"""Whether a package of this environment has a vulnerability that is known, by pip-audit.

Ends with 1 where one has, or where a service that has such data knows nothing of a package. Where no
service can be asked it says so and ends with 0. An index without such data answers pip-audit as if all
were well; so each service is first asked about a release that has known ones, and is believed only if it
names them.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

SERVICES = ("pypi", "osv")
KNOWN_BAD = "jinja2==2.4.1"
ACCEPTED: dict[str, str] = {}
"""Vulnerabilities that do not concern Isthmus, by identifier, and why."""


def main() -> int:
    """Ask the first service that has data, and print what it says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("services", nargs="*", default=SERVICES)
    parser.add_argument("--packages", nargs="+", default=None, metavar="NAME==VERSION")
    given = parser.parse_args()
    packages = given.packages or installed()
    for service in given.services:
        answer = asked(service, [KNOWN_BAD])
        if not any(found.get("vulns") for found in answer):
            print(
                f"audit: {service} does not name what is known of {KNOWN_BAD}: it cannot be asked here."
            )
        elif answer := asked(service, packages):
            return judged(service, answer)
    print("audit: NOT DONE. No service could be asked whether a package has a known vulnerability.")
    return 0


def installed() -> list[str]:
    """Every package of this environment; a build's own mark, such as +cpu, is nothing to a service."""
    found = {dist.name: dist.version.split("+")[0] for dist in distributions()}
    return [f"{name}=={version}" for name, version in sorted(found.items())]


def asked(service: str, packages: list[str]) -> list[dict[str, Any]]:
    """What a service says of each package; nothing where it cannot be asked."""
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder, "packages.txt")
        listed.write_text("\n".join(packages), encoding="utf-8")
        command = [sys.executable, "-m", "pip_audit", "-s", service, "-r", str(listed)]
        command += [
            "--no-deps",
            "--disable-pip",
            "--cache-dir",
            folder,
            "--progress-spinner",
            "off",
        ]
        command += ["-f", "json", *(word for name in ACCEPTED for word in ("--ignore-vuln", name))]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        return json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        return []


def judged(service: str, answer: list[dict[str, Any]]) -> int:
    """Print what was found; the exit code."""
    bad = [f"{d['name']} {d['version']}: {v['id']}" for d in answer for v in d.get("vulns", ())]
    unknown = [found["name"] for found in answer if "skip_reason" in found]
    for line in bad:
        print(
            f"audit: {line}. Take a version without it, or say in .ci/audit.py why it does not matter."
        )
    if unknown:
        print(f"audit: {service} knows nothing of {', '.join(unknown)}.")
    print(
        f"audit: {service} was asked about {len(answer)} packages and names {len(bad)} vulnerabilities."
    )
    return 1 if bad or unknown else 0


if __name__ == "__main__":
    sys.exit(main())
