"""The postman sends at once when woken, survives what goes wrong, and ends when told."""

from queue import Queue

import pytest

from notifications.senders.sender import Accepted
from runs.postman import Postman
from runtime.opening import Runtime
from runtime.settings import Settings
from tests.databases import on_sqlite
from tests.notifications.world import CALENDAR, owe, person
from use_cases.seeding.seed import seed

SOON = 10


@pytest.fixture
def left():
    """The ids of the mails that left, as they leave."""
    return Queue()


@pytest.fixture
def runtime(database, clock, left, tmp_path):
    class Sender:
        def send(self, letter):
            left.put(letter.mail_id)
            return Accepted()

    with database.writing() as session:
        seed(session, now=clock())
    return Runtime(Settings(data_folder=tmp_path), database, CALENDAR, Sender(), clock)


def owe_one(runtime, key):
    with runtime.database.writing() as session:
        reader = person(session, key)
        owe(session, reader, key, now=runtime.now())


@on_sqlite
def test_a_mail_leaves_when_the_postman_is_woken_and_what_waited_when_he_starts(runtime, left):
    owe_one(runtime, "before")
    postman = Postman(runtime)
    postman.start()
    try:
        assert left.get(timeout=SOON) == 1
        owe_one(runtime, "after")
        postman.wake()
        assert left.get(timeout=SOON) == 2
    finally:
        postman.stop()


@on_sqlite
def test_he_looks_by_himself_too(runtime, left):
    postman = Postman(runtime, every=0.05)
    postman.start()
    try:
        owe_one(runtime, "unannounced")
        assert left.get(timeout=SOON) == 1
    finally:
        postman.stop()


@on_sqlite
def test_a_round_that_fails_is_logged_and_the_next_one_comes(runtime, left, caplog):
    broken = Queue()
    broken.put(RuntimeError("the database is away"))
    now = runtime.now

    def clock():
        if not broken.empty():
            raise broken.get()
        return now()

    owe_one(runtime, "one")
    postman = Postman(
        Runtime(runtime.settings, runtime.database, CALENDAR, runtime.sender, clock), every=0.05
    )
    postman.start()
    try:
        assert left.get(timeout=SOON) == 1
    finally:
        postman.stop()
    assert "a mail round failed" in caplog.text


@on_sqlite
def test_he_ends_at_once_when_there_is_nothing_to_do(runtime, left):
    postman = Postman(runtime)
    postman.start()

    postman.stop()

    assert left.empty()
