"""What the tests of holds, extensions and freezes share: answers, sweeps, a project to sign."""

import pytest

from notifications.senders.mailbox import LocalMailbox
from runs.sweep import sweep
from runtime.opening import Runtime
from runtime.settings import read_settings
from state_machines.approvals import Answer
from tests.builders import CALENDAR, ask_to_sign
from tests.use_cases.pauses.pausing import turn_to
from use_cases.decide import decide
from use_cases.disown import disown
from use_cases.end_freeze import end_freeze


@pytest.fixture
def answer(database, clock):
    def answering(request_id, by, given=Answer.APPROVE):
        with database.writing() as session:
            return decide(
                session, request_id, given, by=by, now=clock(), calendar=CALENDAR,
                comment="材料不实",
            )  # fmt: skip

    return answering


@pytest.fixture
def deny(database, clock):
    """Say: this was not me."""

    def denying(request_id, person_id):
        with database.writing() as session:
            disown(session, request_id, person_id, now=clock(), calendar=CALENDAR)

    return denying


@pytest.fixture
def thaw(database, clock, staff):
    def thawing(project_id, annul, by=staff.administrator, reason="已电话核实"):
        with database.writing() as session:
            end_freeze(
                session, project_id, annul=annul, reason=reason, by=by, now=clock(),
                calendar=CALENDAR,
            )  # fmt: skip

    return thawing


@pytest.fixture
def run(database, clock, staff, tmp_path):
    """Sweep at nine of a day."""
    settings = read_settings(data_folder=tmp_path)
    runtime = Runtime(settings, database, CALENDAR, LocalMailbox(), now=clock)

    def running(month, day):
        turn_to(clock, month, day, 9)
        return sweep(runtime, as_of=clock())

    return running


@pytest.fixture
def signing(database, clock, staff):
    """A project whose signing the unit's leader is asked for; its id and the request's."""
    with database.writing() as session:
        return ask_to_sign(session, staff, now=clock())


@pytest.fixture
def signed(signing, staff, answer):
    """A project that the leader's agreement has just taken on to be signed."""
    answer(signing[1], staff.unit_leader)
    return signing
