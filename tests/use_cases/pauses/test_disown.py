"""“This was not me”: who can say it, how long, and what stands still then.

Dates are counted by hand on the calendar of 2026: the fourth to the sixth of April are days off.
"""

from datetime import date

import pytest
from sqlalchemy import select

from db.models import (
    Approval,
    ApprovalRequest,
    AuditEntry,
    Freeze,
    LinkPurpose,
    Mail,
    NoteKind,
    Project,
)
from db.queries.lights import light_of
from notifications import links
from state_machines.approvals import Answer, RequestState
from state_machines.errors import (
    LinkDead,
    NotFound,
    NotTheApprover,
    ProjectFrozen,
)
from state_machines.ladder import Light
from state_machines.stages import Move
from tests.builders import (
    BILLION,
    CALENDAR,
    add_person,
    ask_to_sign,
    delegate,
    mails,
)
from tests.use_cases.pauses.pausing import (
    Due,
    agree,
    ask_hold,
    ask_more,
    clocks,
    due,
    hold,
    turn_to,
)
from use_cases.add_note import add_note
from use_cases.advance import advance
from use_cases.chase_request import chase_request
from use_cases.edit_project import edit_project
from use_cases.reassign import reassign
from use_cases.send_fresh_link import send_fresh_link

APPROVE, REJECT, SEND_BACK = Answer
MONDAY = date(2026, 3, 2)
CONFIRM, ANNUL = False, True


def row_of(database, project_id):
    with database.reading() as session:
        return session.get_one(Project, project_id)


def state_of(database, request_id):
    with database.reading() as session:
        return session.get_one(ApprovalRequest, request_id).state


# Saying it


def test_it_freezes_the_project_and_tells_the_administrators(database, clock, staff, signed, deny):
    project_id, request_id = signed

    deny(request_id, staff.unit_leader)

    with database.reading() as session:
        freeze = session.scalars(select(Freeze)).one()
        assert (freeze.request_id, freeze.person_id) == (request_id, staff.unit_leader)
        assert session.get_one(Project, project_id).frozen_at == freeze.frozen_at == clock()
        assert mails(session, "project_froze") == [("project_froze", staff.administrator)]
        act = session.scalars(select(AuditEntry).where(AuditEntry.act == "disowned")).one()
        assert (act.by_id, act.details) == (staff.unit_leader, {"request": request_id})


def test_saying_it_twice_changes_nothing_more(database, clock, staff, signed, deny):
    deny(signed[1], staff.unit_leader)
    frozen_at = row_of(database, signed[0]).frozen_at
    clock.forward(hours=1)

    deny(signed[1], staff.unit_leader)

    with database.reading() as session:
        assert len(session.scalars(select(Freeze)).all()) == 1
        assert session.get_one(Project, signed[0]).frozen_at == frozen_at
        assert len(mails(session, "project_froze")) == 1


def test_only_who_answered_can_say_it(clock, staff, signing, answer, deny):
    for person in (staff.unit_leader, staff.officer, staff.administrator):
        with pytest.raises(NotTheApprover):
            deny(signing[1], person)

    answer(signing[1], staff.unit_leader)

    with pytest.raises(NotTheApprover):
        deny(signing[1], staff.officer)
    with pytest.raises(NotFound):
        deny(4711, staff.unit_leader)


def test_the_holder_in_whose_name_a_stand_in_answered_can_say_it(
    database, clock, staff, answer, deny
):
    with database.writing() as session:
        stand_in = add_person(session)
        delegate(session, staff.unit_leader, stand_in, from_day=MONDAY, to_day=MONDAY)
        project_id, request_id = ask_to_sign(session, staff, now=clock())
    answer(request_id, stand_in)

    deny(request_id, staff.unit_leader)

    assert row_of(database, project_id).frozen_at == clock()


def test_it_can_be_said_until_the_projects_next_move(database, clock, staff, signed, deny):
    project_id, request_id = signed
    clock.forward(days=1)
    with database.writing() as session:
        step_back = advance(
            session, project_id, Move.STEP_BACK, by=staff.officer, now=clock(), calendar=CALENDAR,
            reason="补充材料",
        )  # fmt: skip
    clock.forward(minutes=1)
    with database.writing() as session:
        agree(session, step_back.request_id, now=clock())

    with pytest.raises(LinkDead):
        deny(request_id, staff.unit_leader)
    deny(step_back.request_id, staff.unit_leader)


def test_once_looked_into_it_is_settled(database, clock, staff, signed, deny, thaw):
    deny(signed[1], staff.unit_leader)
    thaw(signed[0], CONFIRM)

    with pytest.raises(LinkDead):
        deny(signed[1], staff.unit_leader)


def link(session, clock, person_id, request_id, purpose=LinkPurpose.APPROVAL):
    mail = session.scalars(select(Mail).where(Mail.person_id == person_id)).first()
    return links.mint(
        session, purpose=purpose, mail_id=mail.id, person_id=person_id, request_id=request_id,
        now=clock(), calendar=CALENDAR, days=10,
    )  # fmt: skip


def test_all_links_of_who_says_it_die_and_nobody_elses(database, clock, staff, signed, deny):
    with database.writing() as session:
        _, other_request = ask_to_sign(session, staff, now=clock(), investment=2 * BILLION)
        # asked of the leader as well, and of the director when their turn comes
        theirs = link(session, clock, staff.unit_leader, other_request)
        another = add_person(session)
        session.add(
            Approval(
                request_id=other_request, step=0, asked_role="unit_leader",
                post="unit_leader@330781", person_id=another, because="holds", state="moot",
                asked_at=clock(),
            )
        )  # fmt: skip
        session.add(
            Mail(
                key="asked/by-hand", kind="approval_asked", person_id=another, facts={},
                priority=0, state="accepted", created_at=clock(), attempts=1,
                request_id=other_request,
            )
        )  # fmt: skip
        session.flush()
        anothers = link(session, clock, another, other_request)

    deny(signed[1], staff.unit_leader)

    with database.reading() as session:
        with pytest.raises(LinkDead):
            links.read(session, theirs, LinkPurpose.APPROVAL, now=clock())
        assert links.read(session, anothers, LinkPurpose.APPROVAL, now=clock())


def test_they_ask_for_a_fresh_link_to_answer_what_else_they_are_asked(
    database, clock, staff, signed, deny
):
    with database.writing() as session:
        _, other_request = ask_to_sign(session, staff, now=clock())
    deny(signed[1], staff.unit_leader)
    clock.forward(minutes=6)

    with database.writing() as session:
        send_fresh_link(session, other_request, staff.unit_leader, now=clock())

        assert mails(session, "fresh_link") == [("fresh_link", staff.unit_leader)]


# While it lasts


def test_a_frozen_project_neither_moves_nor_is_decided_about(database, clock, staff, answer, deny):
    with database.writing() as session:
        project_id, request_id = ask_to_sign(session, staff, now=clock(), investment=2 * BILLION)
    answer(request_id, staff.unit_leader)
    deny(request_id, staff.unit_leader)

    with pytest.raises(ProjectFrozen):
        answer(request_id, staff.director)
    for act in (
        lambda session: advance(
            session, project_id, Move.LOSE, by=staff.officer, now=clock(), calendar=CALENDAR,
            reason="投资方退出",
        ),
        lambda session: ask_hold(session, staff, project_id, date(2026, 3, 9), now=clock()),
        lambda session: ask_more(session, staff, project_id, 5, now=clock()),
        lambda session: reassign(
            session, request_id, from_id=staff.director, to_id=staff.deputy_mayor,
            reason="出差", by=staff.director, now=clock(), calendar=CALENDAR,
        ),
    ):  # fmt: skip
        with pytest.raises(ProjectFrozen), database.writing() as session:
            act(session)
    assert state_of(database, request_id) is RequestState.PENDING


def test_a_request_on_a_frozen_project_neither_reminds_nor_expires(
    database, clock, staff, answer, deny
):
    with database.writing() as session:
        _, request_id = ask_to_sign(session, staff, now=clock(), investment=2 * BILLION)
    answer(request_id, staff.unit_leader)
    deny(request_id, staff.unit_leader)
    turn_to(clock, 4, 30)

    with database.writing() as session:
        chase_request(session, request_id, now=clock(), calendar=CALENDAR)

        assert session.get_one(ApprovalRequest, request_id).state is RequestState.PENDING
        assert mails(session, "approval_reminder") == []


def test_no_rung_fires_and_no_light_changes_while_it_lasts(
    database, clock, staff, signed, deny, thaw, run
):
    project_id, request_id = signed
    deny(request_id, staff.unit_leader)

    with database.reading() as session:
        assert due(session, project_id) == Due(None, None, None, None)
    assert run(6, 30).orders == []
    assert light_of(row_of(database, project_id), now=clock()) is Light.GREEN
    thaw(project_id, CONFIRM)
    # Signed on Monday: none of the twenty days of silence is used.
    with database.reading() as session:
        assert due(session, project_id).rung == CALENDAR.add(date(2026, 6, 30), 20)


def test_a_light_that_has_turned_stays_and_so_does_an_edited_projects(
    database, clock, staff, signed, deny, run
):
    project_id, request_id = signed
    run(3, 30)
    deny(request_id, staff.unit_leader)
    turn_to(clock, 6, 30)
    with database.writing() as session:
        edit_project(
            session, project_id, {"investor_contact": "李女士 13900000000"}, edition=None,
            by=staff.owner, now=clock(), calendar=CALENDAR,
        )  # fmt: skip

    row = row_of(database, project_id)
    assert light_of(row, now=clock()) is Light.YELLOW
    assert (row.next_rung_at, row.red_at) == (None, None)


def test_the_open_order_climbs_only_after_the_freeze(
    database, clock, staff, signed, deny, thaw, run
):
    project_id, request_id = signed
    run(3, 30)  # silence: the owner
    turn_to(clock, 4, 1)  # two of the five days to the unit are used
    deny(request_id, staff.unit_leader)
    with database.reading() as session:
        assert due(session, project_id).climbs is None
    turn_to(clock, 4, 20)

    thaw(project_id, CONFIRM)

    with database.reading() as session:
        assert due(session, project_id).climbs == date(2026, 4, 23)
    assert run(4, 22).orders == []
    assert [each.rung for each in run(4, 23).orders] == ["unit"]


def test_a_note_of_before_the_freeze_has_used_the_days_until_it(
    database, clock, staff, signed, deny, thaw
):
    project_id, request_id = signed
    turn_to(clock, 3, 9)
    deny(request_id, staff.unit_leader)
    turn_to(clock, 3, 20)
    with database.writing() as session:
        add_note(
            session, project_id, NoteKind.VISIT, "考察", effective_on=date(2026, 3, 5),
            by=staff.owner, now=clock(), calendar=CALENDAR,
        )  # fmt: skip
        assert session.get_one(Project, project_id).next_rung_at is None

    thaw(project_id, CONFIRM)

    with database.reading() as session:
        # The sixth and the ninth of March.
        assert clocks(session, project_id)[1] == (date(2026, 3, 20), 2)


def test_a_freeze_within_a_hold_takes_nothing_from_it(database, clock, staff, signed, deny, thaw):
    project_id, _ = signed
    with database.writing() as session:
        request_id = hold(session, staff, project_id, date(2026, 3, 20), now=clock())
    turn_to(clock, 3, 9)
    deny(request_id, staff.unit_leader)
    turn_to(clock, 3, 12)

    thaw(project_id, CONFIRM)

    with database.reading() as session:
        assert clocks(session, project_id) == ((date(2026, 3, 20), 0),) * 2
