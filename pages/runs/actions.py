"""What can be done with chosen results: open, compare, take away, delete; and bringing one in."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from engine.errors import IsthmusError, RecordError
from engine.experiments.images.survey import Survey
from engine.experiments.pair.results import PairResult
from engine.records import Record
from pages.runs.compare import compare
from pages.runs.listing import size_words, title_of
from pages.shared import service
from pages.shared.mode import MEGABYTE, mode
from pages.shared.shell import page_file, page_of
from pages.shared.uploads import once_for, release
from pages.shared.words import plain


def act_on(chosen: Sequence[Record]) -> None:
    """The actions that fit what is chosen."""
    if not chosen:
        st.caption("A click on a name opens it. Choose rows to compare, download or delete them.")
        return
    for record in chosen:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(plain(title_of(record)), width="stretch")
            if not record.damage:
                _open(record)
                _take(record)
    _delete(chosen)
    pairs = [
        r for r in chosen if not r.damage and isinstance(r.result, PairResult) and r.result.tracks
    ]
    if len(pairs) > 1:
        compare(pairs)


def bring_in() -> None:
    """The control that takes a record's zip file."""
    with st.popover("Bring in a result", icon=":material/upload:", key="runs_bring"):
        st.file_uploader(
            "A ZIP file that Isthmus made",
            type="zip",
            max_upload_size=mode().upload_mb if mode().hosted else None,
            key="runs_zip",
            on_change=once_for,
            args=("runs_zip", _bring),
        )
    words, good = st.session_state.get("runs_brought", ("", True))
    if words:
        (st.success if good else st.error)(plain(words))


def _bring() -> None:
    file = st.session_state["runs_zip"]
    if file is None:
        st.session_state["runs_brought"] = ("", True)
        return
    try:
        data = file.getvalue()
        if mode().hosted and len(data) > mode().upload_mb * MEGABYTE:
            raise RecordError(
                f"{file.name} has {len(data) / MEGABYTE:.1f} MB; this server takes {mode().upload_mb} MB at "
                "most. Open it on a machine of your own."
            )
        record = service.bring_in(data)
    except IsthmusError as error:
        st.session_state["runs_brought"] = (str(error), False)
        return
    finally:
        release(file)
    st.session_state["runs_chosen"] = [record.key]
    st.session_state["runs_brought"] = (f"Brought in: {title_of(record)}.", True)


def _open(record: Record) -> None:
    if record.spec.page:
        st.page_link(
            page_of(record.spec),
            label="Open",
            icon=":material/open_in_new:",
            query_params={"run": record.key},
        )
        return
    if not isinstance(record.spec, Survey):
        return
    st.page_link(
        page_file("real-real"),
        label="Choose pictures from it",
        icon=":material/photo_library:",
        query_params={
            "rr_classifier": record.spec.classifier,
            "rr_dataset": record.spec.dataset,
        },
    )


def _take(record: Record) -> None:
    st.download_button(
        f"ZIP, {size_words(record)}",
        data=lambda: service.store().pack(record.key),
        file_name=f"isthmus-{record.kind}-{record.key[:8]}.zip",
        mime="application/zip",
        key=f"runs_zip_{record.key}",
        icon=":material/download:",
        on_click="ignore",
    )


def _delete(chosen: Sequence[Record]) -> None:
    records = [record for record in chosen if service.may_delete(record)]
    if len(records) < len(chosen):
        st.caption(
            "Results that ship with Isthmus cannot be deleted."
            if all(record.shipped for record in chosen if record not in records)
            else "Of these results you can delete those that were computed or brought here for you first."
        )
    if not records:
        return
    many = f"{len(records)} results" if len(records) > 1 else "this result"
    with st.popover(f"Delete {many}", icon=":material/delete:", key="runs_delete"):
        st.markdown(f"Delete {many} for good? Links to them will lead nowhere.")
        st.button(
            "Yes, delete",
            type="primary",
            key="runs_delete_yes",
            on_click=_delete_all,
            args=([record.key for record in records],),
        )


def _delete_all(keys: Sequence[str]) -> None:
    try:
        for key in keys:
            service.delete(key)
    except IsthmusError as error:
        st.toast(plain(str(error)), icon=":material/error:")
        return
    kept = [key for key in st.session_state.get("runs_chosen", []) if key not in keys]
    st.session_state["runs_chosen"] = kept
    st.toast(f"Deleted {len(keys)} result{'s' if len(keys) > 1 else ''}.")
