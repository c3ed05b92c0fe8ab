"""Leaving: all that waited for somebody goes to others, in the transaction in which they leave."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from db.models import (
    Approval,
    ApprovalRequest,
    AuditEntry,
    Delegation,
    LinkPurpose,
    LinkToken,
    Mail,
    Person,
    PostHolder,
    Project,
)
from db.queries.roster import roster_on
from notifications import links
from state_machines.approvals import ApprovalState, AskedBecause, NoLongerAsked, RequestState
from state_machines.errors import NotAllowed, NotFound
from state_machines.posts import PostKey, Role
from state_machines.working_days import local_day
from tests import builders
from tests.builders import (
    CALENDAR,
    LANXI,
    YIWU,
    add_holder,
    add_person,
    add_project,
    ask_to_sign,
    mails,
)
from use_cases.people.leave import leave

A_DAY = timedelta(days=1)


@pytest.fixture
def leaves(database, clock, staff):
    def run(person_id, by=staff.administrator):
        clock.forward(hours=1)
        with database.writing() as session:
            leave(session, person_id, by=by, now=clock(), calendar=CALENDAR)

    return run


def rows(session, request_id):
    asked = select(Approval).where(Approval.request_id == request_id).order_by(Approval.id)
    return [(e.person_id, e.state, e.because, e.no_longer) for e in session.scalars(asked)]


def test_what_a_leaver_is_asked_goes_to_the_superior_with_an_alarm_and_a_trail(
    database, clock, staff, leaves
):
    with database.writing() as session:
        project_id, request_id = ask_to_sign(session, staff, now=clock())

    leaves(staff.unit_leader)

    with database.reading() as session:
        assert rows(session, request_id) == [
            (staff.unit_leader, ApprovalState.MOOT, AskedBecause.HOLDS, NoLongerAsked.LEFT),
            (staff.director, ApprovalState.PENDING, AskedBecause.EMPTY, None),
        ]
        assert mails(session, "approval_asked") == [("approval_asked", staff.director)]
        assert mails(session, "empty_posts") == [("empty_posts", staff.administrator)]
        acts = session.scalars(
            select(AuditEntry.act)
            .where(AuditEntry.project_id == project_id)
            .order_by(AuditEntry.seq.desc())
            .limit(2)
        ).all()
        assert acts == ["asked", "rerouted"]


def test_their_posts_end_and_those_to_come_never_begin(database, clock, staff, leaves):
    today = local_day(clock())
    with database.writing() as session:
        builders.appoint(
            session, staff.unit_leader, Role.UNIT_LEADER, YIWU, from_day=today + 5 * A_DAY
        )

    leaves(staff.unit_leader)

    with database.reading() as session:
        assert session.get_one(Person, staff.unit_leader).active is False
        held = session.scalars(
            select(PostHolder).where(PostHolder.person_id == staff.unit_leader)
        ).all()
        assert [each.to_day for each in held] == [today]
        assert PostKey(Role.UNIT_LEADER, LANXI) not in roster_on(session, today).holders


def test_they_stand_in_for_nobody_and_nobody_for_them(database, clock, staff, leaves):
    today = local_day(clock())
    with database.writing() as session:
        stand_in, other = add_person(session), add_person(session)
        days = {"from_day": today - A_DAY, "to_day": today + 9 * A_DAY}
        later = {"from_day": today + 20 * A_DAY, "to_day": today + 29 * A_DAY}
        builders.delegate(session, staff.unit_leader, stand_in, **days)
        builders.delegate(session, stand_in, other, **days)
        builders.delegate(session, staff.director, stand_in, **later)
        _, request_id = ask_to_sign(session, staff, now=clock())
        [(asked, *_)] = rows(session, request_id)
        assert asked == other

    leaves(stand_in)

    with database.reading() as session:
        assert [
            (each.holder_id, each.to_day)
            for each in session.scalars(select(Delegation).order_by(Delegation.id))
        ] == [
            (staff.unit_leader, today),
            (stand_in, today),
        ]
        assert rows(session, request_id) == [
            (other, ApprovalState.MOOT, AskedBecause.STANDS_IN, NoLongerAsked.LEFT),
            (staff.unit_leader, ApprovalState.PENDING, AskedBecause.HOLDS, None),
        ]


def test_projects_that_they_own_go_to_the_units_intake(database, clock, staff, leaves):
    with database.writing() as session:
        intake = add_holder(session, Role.INTAKE, LANXI)
        ours, elsewhere, others = (
            add_project(session, now=clock(), owner_id=staff.owner).id,
            add_project(session, now=clock(), owner_id=staff.owner, unit_code=YIWU).id,
            add_project(session, now=clock(), owner_id=staff.officer).id,
        )

    leaves(staff.owner)

    with database.reading() as session:
        owners = [session.get_one(Project, each).owner_id for each in (ours, elsewhere, others)]
        assert owners == [intake, None, staff.officer]
        last = session.scalars(
            select(AuditEntry)
            .where(AuditEntry.project_id == ours)
            .order_by(AuditEntry.seq.desc())
            .limit(1)
        ).one()
        assert (last.act, last.by_id) == ("edited", staff.administrator)
        assert last.details["after"] == {"owner_id": intake}


def test_an_intake_that_becomes_the_owner_no_longer_decides_on_the_project(
    database, clock, staff, leaves
):
    with database.writing() as session:
        builders.appoint(session, staff.unit_leader, Role.INTAKE, LANXI)
        project_id, request_id = ask_to_sign(session, staff, now=clock())

    leaves(staff.owner)

    with database.reading() as session:
        assert session.get_one(Project, project_id).owner_id == staff.unit_leader
        assert rows(session, request_id) == [
            (staff.unit_leader, ApprovalState.MOOT, AskedBecause.HOLDS, NoLongerAsked.EXCLUDED),
            (staff.director, ApprovalState.PENDING, AskedBecause.EXCLUDED, None),
        ]


def test_their_links_die_and_no_others(database, clock, staff, leaves):
    with database.writing() as session:
        _, request_id = ask_to_sign(session, staff, now=clock(), investment=10**9)
        mail_id = session.scalar(select(Mail.id).where(Mail.request_id == request_id))
        for person_id in (staff.unit_leader, staff.director):
            links.mint(
                session,
                purpose=LinkPurpose.APPROVAL,
                mail_id=mail_id,
                person_id=person_id,
                request_id=request_id,
                now=clock(),
                calendar=CALENDAR,
                days=10,
            )

    leaves(staff.unit_leader)

    with database.reading() as session:
        tokens = select(LinkToken.person_id, LinkToken.revoked_at)
        assert dict(session.execute(tokens).all()) == {
            staff.unit_leader: clock(),
            staff.director: None,
        }


def test_what_they_asked_for_goes_on(database, clock, staff, leaves):
    with database.writing() as session:
        _, request_id = ask_to_sign(session, staff, now=clock())

    leaves(staff.officer)

    with database.reading() as session:
        assert session.get_one(ApprovalRequest, request_id).state is RequestState.PENDING
        assert rows(session, request_id)[0][:2] == (staff.unit_leader, ApprovalState.PENDING)


def test_leaving_twice_is_leaving_once(database, clock, staff, leaves):
    with database.writing() as session:
        add_holder(session, Role.INTAKE, LANXI)
        ask_to_sign(session, staff, now=clock())
    leaves(staff.owner)
    with database.reading() as session:
        before = len(session.scalars(select(AuditEntry)).all())

    leaves(staff.owner)

    with database.reading() as session:
        assert len(session.scalars(select(AuditEntry)).all()) == before


@pytest.mark.parametrize("name", ["owner", "unit_leader", "director"])
def test_only_administrators_let_people_leave(database, staff, leaves, name):
    with pytest.raises(NotAllowed):
        leaves(staff.owner, by=getattr(staff, name))

    with database.reading() as session:
        assert session.get_one(Person, staff.owner).active


def test_who_does_not_exist_cannot_leave(leaves):
    with pytest.raises(NotFound):
        leaves(4711)
