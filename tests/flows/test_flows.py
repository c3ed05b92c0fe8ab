"""The flows, called as plain functions: one round each, on the runtime that the settings name."""

import asyncio
from datetime import UTC, datetime

import pytest
from prefect.exceptions import ParameterTypeError
from prefect.logging import disable_run_logger

from flows.chasing import chase_approvals
from flows.delivery import deliver_mail
from flows.escalation import escalate_stalled_projects
from runs.mail_round import MailReport
from tests.databases import on_sqlite
from use_cases.seeding.seed import seed

AS_OF = datetime(2026, 3, 2, 1, tzinfo=UTC)

pytestmark = on_sqlite


@pytest.fixture(autouse=True)
def settings(database, database_url, tmp_path, monkeypatch):
    with database.writing() as session:
        seed(session, now=AS_OF)
    monkeypatch.setenv("LUODI_DATABASE_URL", database_url)
    monkeypatch.setenv("LUODI_DATA_FOLDER", str(tmp_path))


@pytest.mark.parametrize("flow", [escalate_stalled_projects, chase_approvals])
def test_what_goes_by_the_time_takes_that_of_now_unless_told_one(flow):
    with disable_run_logger():
        before = datetime.now(UTC)
        now = asyncio.run(flow.fn())
        told = asyncio.run(flow.fn(as_of=AS_OF))

    assert before <= now.as_of <= datetime.now(UTC)
    assert told.as_of == AS_OF


@pytest.mark.parametrize("flow", [escalate_stalled_projects, chase_approvals])
def test_neither_is_run_at_a_time_without_a_zone(flow):
    with pytest.raises(ParameterTypeError):
        flow.validate_parameters({"as_of": "2026-03-02T09:00"})


def test_the_mail_round_of_an_empty_outbox_does_nothing():
    with disable_run_logger():
        report = asyncio.run(deliver_mail.fn())

    assert report == MailReport()
