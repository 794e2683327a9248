"""Where the pages lie: a folder each, named like the page's address."""

from __future__ import annotations

from engine.experiments.base import Spec


def page_file(address: str) -> str:
    """The file of the page with an address: pages/real_real/page.py of "real-real"."""
    return f"pages/{address.replace('-', '_')}/page.py"


def page_of(spec: Spec) -> str:
    """The file of the page that shows an experiment's results."""
    return page_file(spec.page)
