"""What a queue has under way outlives its server: gone on with by the next one, but not for ever."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.jobs import Jobs
from engine.jobs.ledger import FOLDER, Entry, Ledger
from engine.jobs.queue import SERVERS
from engine.records import Store, run
from tests.jobs.conftest import until
from tests.toys import Toy

ONE, TWO = Toy(seed=1, pause=0.5), Toy(seed=2, text='"ü" \n', failure="expected")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path, shipped=None)


@pytest.fixture
def silent() -> Iterator[str]:
    """A scheduler that does not answer, so that jobs wait."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(20)
        yield f"tcp://127.0.0.1:{listening.getsockname()[1]}"


@pytest.fixture
def queue(store: Store, silent: str) -> Iterator[Callable[[], Jobs]]:
    """Makes queues, one after the other as servers do; each has taken over from those before."""
    made: list[Jobs] = []

    def start() -> Jobs:
        made.append(Jobs(store, address=silent))
        made[-1].resume()
        return made[-1]

    yield start
    for one in made:
        one.close()


def die(ledger: Ledger) -> None:
    """End as a process ends that is killed: what it had open is closed, and nothing else is done."""
    os.close(ledger._lock)


def test_entries_are_read_as_they_were_written(store: Store) -> None:
    entries = [Entry(ONE, 0, (None,)), Entry(TWO, 10, ("ann", "ben"), begun=True, deaths=1)]
    first = Ledger(store.root)
    for entry in entries:
        first.note(entry.spec.key(), entry)
    first.note(ONE.key(), entries[0])
    assert list(Ledger(store.root).inherited()) == []  # its queue lives
    die(first)
    second = Ledger(store.root)
    assert list(second.inherited()) == entries[::-1]  # what had begun comes first
    assert list(second.inherited()) == []


def test_what_has_ended_is_no_longer_kept(store: Store) -> None:
    first = Ledger(store.root)
    first.note(ONE.key(), Entry(ONE, 0, ()))
    first.strike(ONE.key())
    first.strike(ONE.key())
    first.close()
    assert list(Ledger(store.root).inherited()) == []
    assert len(list((store.root / FOLDER).iterdir())) == 1


def test_nonsense_is_passed_over(store: Store) -> None:
    first = Ledger(store.root)
    first.note(ONE.key(), Entry(ONE, 0, ()))
    for number, text in enumerate(("", "{", "[]", "{}", '{"spec": {"kind": "none"}}')):
        (first._folder / f"{number}.json").write_text(text)
    die(first)
    assert [entry.spec for entry in Ledger(store.root).inherited()] == [ONE]


def test_a_queue_goes_on_with_what_another_one_left(queue: Callable[[], Jobs]) -> None:
    first = queue()
    for owner in ("ann", "ben"):
        first.submit(ONE, owner=owner, priority=3)
    first.submit(TWO).cancel()  # and not waited for: it must not come back either
    second = queue()
    assert second.jobs() == []  # the first one lives
    first.close()
    second.close()
    (job,) = queue().jobs()
    assert (job.spec, job.owners, job.priority, job.deaths) == (ONE, ("ann", "ben"), 3, 0)


def test_what_is_stored_meanwhile_is_done(store: Store, queue: Callable[[], Jobs]) -> None:
    first = queue()
    key = first.submit(Toy()).key
    first.close()
    run(Toy(), store=store)
    job = queue().job(key)
    assert job is not None
    assert job.state == "done"


def test_what_servers_die_of_is_given_up(store: Store, queue: Callable[[], Jobs]) -> None:
    for deaths in range(SERVERS):
        dying = Ledger(store.root)
        dying.note(ONE.key(), Entry(ONE, 0, ("ann",), begun=True, deaths=deaths))
        dying.note(TWO.key(), Entry(TWO, 0, ()))
        die(dying)
        jobs = queue()
        one, two = jobs.job(ONE.key()), jobs.job(TWO.key())
        assert one is not None
        assert two is not None
        assert (two.active, two.suspect) == (True, False)
        assert (one.active, one.suspect) == (deaths + 1 < SERVERS, True)
        for job in (one, two):
            job.cancel()
        until(lambda: not jobs._tasks)  # noqa: B023
    assert one.state == "failed"
    assert "server was killed 3 times while this was computed" in one.error


def test_a_hosted_server_takes_over_nothing_that_names_its_files(
    store: Store, queue: Callable[[], Jobs], monkeypatch: pytest.MonkeyPatch
) -> None:
    dying = Ledger(store.root)
    for spec in (ONE, Toy(text="file:/etc/hostname")):
        dying.note(spec.key(), Entry(spec, 0, ()))
    die(dying)
    monkeypatch.setenv("ISTHMUS_MODE", "hosted")
    assert [job.spec for job in queue().jobs()] == [ONE]


def test_where_nothing_can_be_kept_jobs_are_taken_all_the_same(
    store: Store, queue: Callable[[], Jobs]
) -> None:
    (store.root / FOLDER).write_text("in the way")
    assert queue().submit(ONE).active
