"""What the server writes of itself: lines of text, or with ISTHMUS_LOG=json one JSON object a line.

Such an object tells of no person: it has what the code says and what a call marks as `facts`; never the
arguments of a message, nor the words of an error, for a visitor may have put something into them.
"""

from __future__ import annotations

import json
import logging
import threading
import traceback
from datetime import UTC, datetime
from typing import Any

from streamlit import logger as streamlit_logger

OURS = ("engine", "pages")

log = logging.getLogger(__name__)


def begin() -> None:
    """Write every line of this process as JSON from now on, those of Streamlit and of Dask too."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLine())
    logging.basicConfig(handlers=[handler], force=True)
    logging.captureWarnings(True)
    for name in OURS:
        logging.getLogger(name).setLevel(logging.INFO)
    # Streamlit gives each of its loggers a handler of its own, through this function.
    streamlit_logger.setup_formatter = _hand_on
    streamlit_logger.update_formatter()
    threading.excepthook = _uncaught


class JsonLine(logging.Formatter):
    """A record of the log as JSON: when, how grave, from where, what, its facts, and the kind of an error."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": f"{record.name}:{record.lineno}",
        }
        # A message of another package that takes no arguments may have had them put in before.
        if record.args or record.name.split(".")[0] in OURS:
            line["message"] = str(record.msg)
        line |= getattr(record, "facts", {})
        if record.exc_info and record.exc_info[0]:
            kind, _, trace = record.exc_info
            line["error"] = kind.__name__
            line["trace"] = [
                f"{frame.filename}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(trace)
            ]
        return json.dumps(line)


def _hand_on(logger: logging.Logger) -> None:
    """Leave what a logger of Streamlit warns of to the one handler of the process.

    The rest is who asks for what, and that somebody came and went.
    """
    logger.handlers.clear()
    logger.propagate = True
    logger.setLevel(logging.WARNING)


def _uncaught(about: threading.ExceptHookArgs) -> None:
    if about.exc_value is not None:
        trace = (about.exc_type, about.exc_value, about.exc_traceback)
        log.error("A thread ended by an error.", exc_info=trace)
