"""A network of one's own: its file is looked through step by step before it is taken."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import streamlit as st

import engine
from engine.classifiers import Finding
from engine.classifiers.finding import STEPS
from engine.errors import IsthmusError
from engine.local_files import local_path
from pages.shared.words import plain

CHECK = """
import dataclasses, json, sys
from engine.classifiers import check_network
for finding in check_network(sys.argv[1]):
    print(json.dumps(dataclasses.asdict(finding)), flush=True)
"""
"""What checks a network, in a process of its own: the server does without torch."""


@st.dialog("Add a network file", width="medium")
def add_network(key: str, take: Callable[[str], None]) -> None:
    """Ask for a file, show what each step of its check finds, and `take` its name if nothing is wrong."""
    st.markdown(
        "A PyTorch exported program, as `torch.export.save` writes it, with a JSON file of the same name "
        "beside it: `classes`, `input_shape`, `mean` and `std`."
    )
    with st.form(f"{key}_form", border=False):
        path = st.text_input("Path of the .pt2 file on this machine", key=f"{key}_path")
        pressed = st.form_submit_button("Check", key=f"{key}_check")
    path = path.strip(" \"'").removeprefix("file:")  # file managers copy paths in quotation marks
    try:
        name = f"file:{local_path('file', path).resolve()}"
    except IsthmusError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    known: dict[str, list[Finding]] = st.session_state.setdefault(f"{key}_checked", {})
    if not path or not (pressed or name in known):
        return
    known[name] = list(_shown(_checked(name) if pressed else iter(known[name])))
    if any(finding.failed for finding in known[name]):
        return
    if st.button("Use this network", f"{key}_use", type="primary", on_click=take, args=(name,)):
        st.rerun()


def _shown(findings: Iterator[Finding]) -> Iterator[Finding]:
    """Each finding drawn as it comes, and below them what is looked at next."""
    # Emptied first: what was found of another file shall not stand there until this one gets so far.
    place, waiting = st.empty().container(), st.empty()
    for step in STEPS.values():
        waiting.markdown(f":material/hourglass_empty: {step} …")
        finding = next(findings, None)
        if finding is None:
            break
        icon = ":red[:material/error:]" if finding.failed else ":green[:material/check_circle:]"
        place.markdown(f"{icon} **{finding.title}.** {plain(finding.words)}")
        for doubt in finding.doubts:
            place.warning(plain(doubt), icon=":material/warning:")
        yield finding
    waiting.empty()


def _checked(name: str) -> Iterator[Finding]:
    """The steps of a check as they are done; one that the process does not survive has failed."""
    here, steps = Path(engine.__file__).parents[1], iter(STEPS)
    with subprocess.Popen(
        [sys.executable, "-c", CHECK, name],
        cwd=here,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            for line in process.stdout or ():
                told = json.loads(line)
                next(steps)
                yield Finding(**{**told, "doubts": tuple(told["doubts"])})
            if process.wait() and (step := next(steps, "")):
                words = "The check broke off, perhaps for want of memory."
                yield Finding(step, words, failed=True)
        finally:
            process.kill()
