"""Jobs that compute in one process do not disturb each other."""

from __future__ import annotations

from engine.experiments.images.survey import Survey
from engine.jobs import Jobs
from tests.jobs.conftest import finish

NETWORKS = {"digits-resnet": "digits", "digits-vgg": "digits", "shapes-resnet": "shapes"}


def test_networks_load_while_others_compute(jobs: Jobs) -> None:
    specs = [
        Survey(classifier=network, dataset=dataset, limit=limit)
        for limit in range(20, 25)
        for network, dataset in NETWORKS.items()
    ]
    ended = [finish(job) for job in [jobs.submit(spec) for spec in specs]]
    assert [job.error for job in ended] == [""] * len(specs)
    for spec in specs:
        record = jobs.store.find(spec.key())
        assert record is not None
        assert record.summary["count"] == spec.limit
