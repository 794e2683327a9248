"""Jobs: experiments on Dask workers, submitted, watched and cancelled. Imports no torch.

`Jobs` is the server's one queue, `Job` what a page watches.
"""

from engine.jobs.job import Job
from engine.jobs.queue import Jobs

__all__ = ["Job", "Jobs"]
