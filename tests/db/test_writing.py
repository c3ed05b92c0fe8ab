"""What a transaction changes is gathered, leaves in few statements, and is never missed."""

import pytest
from sqlalchemy import bindparam, select, update

from db.models import Mail, MailState, NumberSeries, Person, Project
from db.writing import append, apply, table_of
from tests.builders import add_person, add_project, found_city
from tests.statements import Counted


class Interrupted(Exception):
    pass


MAILS_CANCELLED = (
    update(table_of(Mail))
    .where(Mail.person_id == bindparam("mails_to"), Mail.state == MailState.QUEUED)
    .values(state=MailState.CANCELLED)
)


@pytest.fixture
def reader(database, clock):
    with database.writing() as session:
        found_city(session, now=clock())
        return add_person(session)


@pytest.fixture
def project_id(database, clock, reader):
    with database.writing() as session:
        return add_project(session, now=clock()).id


@pytest.fixture
def owed(clock, reader):
    """The row of a mail to the reader."""

    def row(key):
        return {
            "key": key, "kind": "receipt", "person_id": reader, "facts": {"said": "可以"},
            "priority": 1, "state": MailState.QUEUED, "created_at": clock(), "due_at": None,
            "attempts": 0,
        }  # fmt: skip

    return row


def states(session):
    return dict(session.execute(select(Mail.key, Mail.state).order_by(Mail.id)).all())


def test_whatever_a_transaction_does_leaves_as_one_change_and_one_addition(
    database, reader, project_id, owed
):
    with database.writing() as session:
        person, project = session.get_one(Person, reader), session.get_one(Project, project_id)
        with Counted(database) as sent:
            person.name, project.site = "Ann", "East"
            append(session, Mail, owed("a"))
            person.language = "en"
            append(session, Mail, owed("b"))
            session.commit()

    assert sent.number == (3 if database.is_sqlite else 2)
    with database.reading() as session:
        person = session.get_one(Person, reader)
        assert (person.name, person.language) == ("Ann", "en")
        assert session.get_one(Project, project_id).site == "East"
        assert list(states(session)) == ["a", "b"]


def test_what_waits_is_there_before_anybody_reads(database, reader, owed):
    with database.writing() as session:
        session.get_one(Person, reader).name = "Ann"
        append(session, Mail, owed("a"))

        assert states(session) == {"a": MailState.QUEUED}
        assert session.scalars(select(Person.name).where(Person.id == reader)).one() == "Ann"


def test_what_was_interrupted_leaves_nothing(database, reader, owed):
    def interrupted():
        with database.writing() as session:
            session.get_one(Person, reader).name = "Ann"
            append(session, Mail, owed("a"))
            raise Interrupted

    with pytest.raises(Interrupted):
        interrupted()

    with database.reading() as session:
        assert session.get_one(Person, reader).name != "Ann"
        assert states(session) == {}


def test_a_savepoint_takes_back_what_came_after_it_and_nothing_before(database, owed):
    with database.writing() as session:
        append(session, Mail, owed("a"))
        with session.begin_nested() as way:
            append(session, Mail, owed("b"))
            way.rollback()
        append(session, Mail, owed("c"))

    with database.reading() as session:
        assert list(states(session)) == ["a", "c"]


def test_a_statement_finds_what_was_added_before_it_and_not_what_comes_after(
    database, reader, owed
):
    with database.writing() as session:
        append(session, Mail, owed("before"))
        apply(session, MAILS_CANCELLED, mails_to=reader)
        append(session, Mail, owed("after"))

    with database.reading() as session:
        assert states(session) == {"before": MailState.CANCELLED, "after": MailState.QUEUED}


def test_a_row_that_changes_after_a_statement_over_its_table_keeps_the_last_word(
    database, reader, owed
):
    with database.writing() as session:
        append(session, Mail, owed("a"))
        mail = session.scalars(select(Mail)).one()
        mail.last_error = "before"
        apply(session, MAILS_CANCELLED, mails_to=reader)
        mail.state = MailState.DEAD

    with database.reading() as session:
        mail = session.scalars(select(Mail)).one()
        assert (mail.state, mail.last_error) == (MailState.DEAD, "before")


def test_a_key_that_is_taken_is_left_as_it_stands(database, owed):
    for attempts in (1, 2):
        with database.writing() as session:
            row = owed("a") | {"attempts": attempts}
            append(session, Mail, row, unless_there=True)
            append(session, Mail, row | {"attempts": 9}, unless_there=True)

    with database.reading() as session:
        assert session.scalars(select(Mail.attempts)).all() == [1]


def test_many_rows_change_as_few_do(database, reader):
    with database.writing() as session:
        people = [session.get_one(Person, add_person(session)) for _ in range(40)]
        for n, person in enumerate(people):
            person.name = f"Person {n}"

    with database.reading() as session:
        found = session.scalars(select(Person.name).where(Person.name.startswith("Person ")))
        assert sorted(found) == sorted(f"Person {n}" for n in range(40))


def test_new_objects_and_rows_without_an_id_go_the_way_of_the_orm(database, clock, project_id):
    with database.writing() as session:
        session.add(NumberSeries(series="TEST", last=1))
        session.flush()
        session.get_one(NumberSeries, "TEST").last = 2
        session.get_one(Project, project_id).edition += 1

    with database.reading() as session:
        assert session.get_one(NumberSeries, "TEST").last == 2
        assert session.get_one(Project, project_id).edition == 2
