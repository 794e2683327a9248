"""Keys for a cluster of our own: who has them may have anything computed, and nobody else.

They are made at each start and lie in a folder that only this user may enter, which ends with the cluster.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from distributed.security import Security

CERTIFICATE, KEY = "certificate.pem", "key.pem"


def made() -> Security:
    """Fresh keys, in memory."""
    return Security.temporary()


def written(security: Security, folder: str) -> dict[str, Any]:
    """Options of a `Security` whose keys are files in `folder`, for every role the same."""
    pair = security.get_tls_config_for_role("client")
    certificate = _written(Path(folder) / CERTIFICATE, pair["cert"])
    key = _written(Path(folder) / KEY, pair["key"])
    files = {"cert": certificate, "key": key}
    roles = ("client", "scheduler", "worker")
    of_roles = {f"tls_{role}_{what}": path for role in roles for what, path in files.items()}
    return {"require_encryption": True, "tls_ca_file": certificate, **of_roles}


def as_client(security: Security) -> Security:
    """What a worker shows the scheduler where it is a client itself: `dask worker` is given one pair."""
    own = security.get_tls_config_for_role("client")
    pair = own if own["cert"] else security.get_tls_config_for_role("worker")
    return Security(
        tls_ca_file=pair["ca_file"], tls_client_cert=pair["cert"], tls_client_key=pair["key"]
    )


def _written(path: Path, text: str) -> str:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    return str(path)
