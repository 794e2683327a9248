"""Records: results on disk, addressed by what they depend on. Importing this imports no torch.

`Store` keeps them, `Record` reads one, `run` computes a spec unless its record is there already.
"""

from engine.records.record import Record
from engine.records.running import run, stored
from engine.records.store import Store

__all__ = ["Record", "Store", "run", "stored"]
