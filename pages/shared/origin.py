"""Where a linked result comes from, if that is not the usual: said above every page that shows one."""

from __future__ import annotations

from contextlib import suppress

import streamlit as st

from engine.errors import IsthmusError
from engine.records.names import is_imported
from pages.shared import service


def origin_notice() -> None:
    """Says of a linked result that it came as a file, or that today's Isthmus would compute it anew."""
    key = st.query_params.get("run", "")
    if is_imported(key):
        st.warning(
            "**Imported result.** Somebody brought it as a file. Isthmus has not computed its numbers and "
            "cannot tell whether they are what its settings give: run it again to know.",
            icon=":material/upload_file:",
        )
    with suppress(IsthmusError):  # the page itself says what is wrong with a link
        record = service.find(key) if key else None
        if record and record.outdated:
            st.info(
                "**Older revision.** This result was computed before its experiment was changed, so its "
                "numbers may not be today's. Run it again to compare.",
                icon=":material/history:",
            )
