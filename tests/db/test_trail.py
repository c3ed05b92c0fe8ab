"""The audit trail: whatever is changed, missing or swapped in it shows."""

import pytest
from sqlalchemy import select, update

from db.models import AuditEntry, Project
from db.trail import record
from tests.builders import add_project, found_city
from tests.reference.trail import broken


@pytest.fixture
def project(database, clock):
    """A project with four entries in its trail."""
    with database.writing() as session:
        found_city(session, now=clock())
        project = add_project(session, now=clock())
        for n in range(3):
            clock.forward(seconds=1, microseconds=7)
            record(session, project, "noted", by=None, now=clock(), said={"第": n, "空": None})
    return project


def test_a_trail_that_nobody_touched_is_whole(database, project):
    with database.reading() as session:
        assert broken(session) == []
        assert session.scalars(select(AuditEntry.seq)).all() == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "change",
    [
        {"act": "approved"},
        {"by_id": 1},
        {"details": {"said": {"第": 2}}},
        {"hash": "00"},
        {"previous_hash": ""},
        {"seq": 9},
    ],
)
def test_a_changed_entry_shows(database, project, change):
    with database.writing() as session:
        session.execute(update(AuditEntry).where(AuditEntry.seq == 3).values(**change))

    with database.reading() as session:
        assert broken(session)


@pytest.mark.parametrize("seq", [1, 2, 4])
def test_a_missing_entry_shows_even_if_it_was_the_last(database, project, seq):
    with database.writing() as session:
        session.delete(session.scalars(select(AuditEntry).where(AuditEntry.seq == seq)).one())

    with database.reading() as session:
        assert broken(session)


def test_swapped_entries_show(database, project):
    with database.writing() as session:
        for old, new in ((2, 99), (3, 2), (99, 3)):
            session.execute(update(AuditEntry).where(AuditEntry.seq == old).values(seq=new))

    with database.reading() as session:
        assert broken(session)


def test_each_project_has_a_chain_of_its_own(database, clock, project):
    with database.writing() as session:
        other = add_project(session, now=clock())

    with database.reading() as session:
        assert broken(session) == []
        heads = session.scalars(select(Project.audit_seq).order_by(Project.id)).all()
    assert (heads, other.id) == ([4, 1], project.id + 1)
