"""Two kinds of transaction: one that writes whole or not at all, one that cannot write."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError, StatementError

from db.inserts import insert_new
from db.models import NumberSeries, PolicyVersion, Project
from state_machines.dates import PartialDate
from state_machines.facts import Manufacturing
from tests.builders import add_project, found_city
from tests.databases import on_sqlite


class Interrupted(Exception):
    pass


def last(database, series="JH"):
    with database.reading() as session:
        return session.scalar(select(NumberSeries.last).where(NumberSeries.series == series))


def test_what_was_written_stays_and_what_was_interrupted_does_not(database):
    with database.writing() as session:
        session.add(NumberSeries(series="JH", last=1))

    def interrupted():
        with database.writing() as session:
            session.get_one(NumberSeries, "JH").last = 2
            session.flush()
            raise Interrupted

    with pytest.raises(Interrupted):
        interrupted()

    assert last(database) == 1


def test_a_reading_transaction_cannot_write(database):
    with pytest.raises(DBAPIError), database.reading() as session:
        session.execute(insert(NumberSeries).values(series="JH", last=1))

    assert last(database) is None
    with database.writing() as session:  # and spoils no connection for those that may
        session.add(NumberSeries(series="JH", last=1))
    assert last(database) == 1


@on_sqlite
def test_sqlite_keeps_what_it_promised_to_keep(database):
    with database.reading() as session:
        said = {
            pragma: session.scalar(text(f"PRAGMA {pragma}"))
            for pragma in ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")
        }

    assert said == {
        "journal_mode": "wal",
        "foreign_keys": 1,
        "synchronous": 2,
        "busy_timeout": 30_000,
    }


def test_an_instant_comes_back_as_the_same_instant_in_utc(database):
    written = datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=timezone(timedelta(hours=8)))
    with database.writing() as session:
        session.add(PolicyVersion(name="x", source="", sha256="", adopted_at=written))

    with database.reading() as session:
        found = session.scalars(select(PolicyVersion.adopted_at)).one()

    assert found == written
    assert found.tzinfo is UTC


def test_an_instant_without_a_time_zone_has_no_place_in_the_database(database):
    naive = datetime(2026, 3, 2)  # noqa: DTZ001 (that is the point)

    with pytest.raises(StatementError, match="naive"), database.writing() as session:
        session.add(PolicyVersion(name="x", source="", sha256="", adopted_at=naive))


def test_facts_come_back_as_they_were(database, clock):
    facts = {
        "investment": 2**53 + 1,
        "manufacturing": Manufacturing.MIXED,
        "needs_factory": False,
        "contract_date": PartialDate("2026-02"),
        "funds_certificate_until": date(2026, 12, 31),
        "area": 0,
    }
    with database.writing() as session:
        found_city(session, now=clock())
        project = add_project(session, now=clock(), **facts)

    with database.reading() as session:
        row = session.get_one(Project, project.id)
        assert {name: getattr(row, name) for name in facts} == facts


def test_inserting_what_is_there_already_leaves_it_as_it_stands(database):
    with database.writing() as session:
        session.add(NumberSeries(series="JH", last=7))
        session.flush()
        insert_new(session, NumberSeries, [{"series": s, "last": 0} for s in ("JH", "DB")])
        insert_new(session, NumberSeries, [])

    assert (last(database, "JH"), last(database, "DB")) == (7, 0)
