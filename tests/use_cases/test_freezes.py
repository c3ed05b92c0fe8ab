"""“This was not me”: what it stops, how long it can be said, and what an administrator makes of it.

Dates are counted by hand on the calendar of 2026: the fourth to the sixth of April are days off.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from db.models import (
    Approval,
    ApprovalRequest,
    AuditEntry,
    Extension,
    Freeze,
    Hold,
    LinkPurpose,
    Mail,
    NoteKind,
    Order,
    OrderEnd,
    Project,
    StageChange,
)
from db.queries.lights import light_of
from db.queries.projects import open_visit
from notifications import links
from notifications.senders.mailbox import LocalMailbox
from runs.sweep import sweep
from runtime.opening import Runtime
from runtime.settings import read_settings
from state_machines.approvals import Answer, ApprovalState, RequestState
from state_machines.errors import (
    LinkDead,
    NotAllowed,
    NotFound,
    NotTheApprover,
    ProjectFrozen,
    RequestClosed,
    ValueRefused,
)
from state_machines.ladder import Light
from state_machines.posts import GENERAL_HEADQUARTERS, Role
from state_machines.stages import Move, Stage
from tests.builders import (
    BILLION,
    CALENDAR,
    add_person,
    add_ready_project,
    appoint,
    ask_to_sign,
    delegate,
    mails,
    vacate,
)
from tests.use_cases.pausing import Due, agree, ask_hold, ask_more, clocks, due, extend, hold
from use_cases.add_note import add_note
from use_cases.advance import advance
from use_cases.chase_request import chase_request
from use_cases.decide import decide
from use_cases.disown import disown
from use_cases.edit_project import edit_project
from use_cases.end_freeze import end_freeze
from use_cases.reassign import reassign
from use_cases.reroute import reroute_requests
from use_cases.send_fresh_link import send_fresh_link

APPROVE, REJECT, SEND_BACK = Answer
MONDAY = date(2026, 3, 2)
CONFIRM, ANNUL = False, True


def turn_to(clock, month, day, hour=10):
    clock.time = datetime(2026, month, day, hour, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def answer(database, clock):
    def answering(request_id, by, given=APPROVE):
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


# Confirming


def test_only_an_administrator_ends_it_and_not_without_a_reason(clock, staff, signed, deny, thaw):
    deny(signed[1], staff.unit_leader)

    for person in (staff.unit_leader, staff.officer, staff.deputy_mayor):
        with pytest.raises(NotAllowed) as refused:
            thaw(signed[0], ANNUL, by=person)
        assert refused.value.act == "end_freeze"
    for reason in (None, "  "):
        with pytest.raises(ValueRefused):
            thaw(signed[0], ANNUL, reason=reason)
    thaw(signed[0], ANNUL)
    with pytest.raises(NotFound):
        thaw(signed[0], CONFIRM)


@pytest.mark.parametrize("annul", [CONFIRM, ANNUL])
def test_both_people_are_told_what_became_of_it_and_why(
    database, clock, staff, signed, deny, thaw, annul
):
    deny(signed[1], staff.unit_leader)

    thaw(signed[0], annul)

    with database.reading() as session:
        told = session.scalars(select(Mail).where(Mail.kind == "freeze_ended")).all()
        assert {each.person_id for each in told} == {staff.unit_leader, staff.officer}
        assert {(each.facts["annulled"], each.facts["reason"]) for each in told} == {
            (annul, "已电话核实")
        }
        freeze = session.scalars(select(Freeze)).one()
        assert (freeze.ended_at, freeze.ended_by_id) == (clock(), staff.administrator)
        assert (freeze.annulled, freeze.reason) == (annul, "已电话核实")


def test_confirmed_the_decision_stands_and_all_goes_on(database, clock, staff, signed, deny, thaw):
    project_id, request_id = signed
    deny(request_id, staff.unit_leader)
    clock.forward(days=7)

    thaw(project_id, CONFIRM)

    row = row_of(database, project_id)
    assert (row.frozen_at, row.stage) == (None, Stage.SIGNED)
    assert state_of(database, request_id) is RequestState.APPROVED
    with database.writing() as session:
        assert advance(
            session, project_id, Move.LOSE, by=staff.officer, now=clock(), calendar=CALENDAR,
            reason="投资方退出",
        )  # fmt: skip


def test_confirmed_what_pends_goes_on_with_the_time_left(
    database, clock, staff, answer, deny, thaw
):
    with database.writing() as session:
        project_id, request_id = ask_to_sign(session, staff, now=clock(), investment=2 * BILLION)
    answer(request_id, staff.unit_leader)
    turn_to(clock, 3, 4)  # two of the step's five days are spent
    deny(request_id, staff.unit_leader)
    turn_to(clock, 3, 20)

    thaw(project_id, CONFIRM)

    with database.reading() as session:
        request = session.get_one(ApprovalRequest, request_id)
        assert (request.wait.origin, request.wait.used) == (date(2026, 3, 20), 2)
        assert request.answer_by == date(2026, 3, 25)
    assert answer(request_id, staff.director) is RequestState.APPROVED


# Annulling


def test_annulled_the_project_is_moved_back_by_a_step_of_its_own(
    database, clock, staff, signed, deny, thaw
):
    project_id, request_id = signed
    clock.forward(hours=1)
    deny(request_id, staff.unit_leader)
    clock.forward(days=1)

    thaw(project_id, ANNUL)

    with database.reading() as session:
        row = session.get_one(Project, project_id)
        assert (row.stage, row.frozen_at) == (Stage.NEGOTIATION, None)
        history = session.scalars(
            select(StageChange)
            .where(StageChange.project_id == project_id)
            .order_by(StageChange.seq)
        ).all()
        assert [each.move for each in history] == [None, Move.SIGN, Move.ANNUL]
        last = history[-1]
        assert (last.before, last.after) == (Stage.SIGNED, Stage.NEGOTIATION)
        assert (last.by_id, last.reason) == (staff.administrator, "已电话核实")
        assert last.request_id == request_id
        request = session.get_one(ApprovalRequest, request_id)
        assert request.state is RequestState.ANNULLED
        assert [each.state for each in request.approvals] == [ApprovalState.ANNULLED]


def test_annulled_the_days_already_used_count_on(database, clock, staff, answer, deny, thaw):
    with database.writing() as session:
        project_id, request_id = ask_to_sign(session, staff, now=clock())
    turn_to(clock, 3, 9)
    answer(request_id, staff.unit_leader)  # five days used in negotiation
    turn_to(clock, 3, 11)
    deny(request_id, staff.unit_leader)
    turn_to(clock, 3, 20)

    thaw(project_id, ANNUL)

    with database.reading() as session:
        assert clocks(session, project_id) == ((date(2026, 3, 20), 5),) * 2
        assert due(session, project_id).rung == date(2026, 4, 13), "fifteen days are left"


def test_annulled_the_order_that_the_move_closed_stands_again(
    database, clock, staff, signing, answer, deny, thaw, run
):
    project_id, request_id = signing
    run(3, 30)  # silence: the owner
    turn_to(clock, 3, 31)
    answer(request_id, staff.unit_leader)
    with database.reading() as session:
        assert session.scalars(select(Order.closed_because)).one() is OrderEnd.MOVED_ON
    deny(request_id, staff.unit_leader)
    turn_to(clock, 4, 20)

    thaw(project_id, ANNUL)

    with database.reading() as session:
        order = session.scalars(select(Order)).one()
        assert (order.closed_at, order.closed_because) == (None, None)
        assert order.visit_id == open_visit(session, project_id).clock_id
        # One of the five days to the unit was used by the thirty-first of March.
        assert order.deadline_on == date(2026, 4, 24)


def test_a_request_that_waits_for_others_falls_with_the_answer_and_they_are_told(
    database, clock, staff, answer, deny, thaw
):
    with database.writing() as session:
        project_id, request_id = ask_to_sign(session, staff, now=clock(), investment=2 * BILLION)
    answer(request_id, staff.unit_leader)
    deny(request_id, staff.unit_leader)

    thaw(project_id, ANNUL)

    with database.reading() as session:
        request = session.get_one(ApprovalRequest, request_id)
        assert request.state is RequestState.ANNULLED
        states = {each.person_id: each.state for each in request.approvals}
        assert states == {
            staff.unit_leader: ApprovalState.ANNULLED,
            staff.director: ApprovalState.MOOT,
        }
        assert ("request_settled", staff.director) in mails(session)
        assert row_of(database, project_id).stage is Stage.NEGOTIATION
    with pytest.raises(RequestClosed):
        answer(request_id, staff.director)


@pytest.mark.parametrize("given", [REJECT, SEND_BACK])
def test_after_an_annulled_refusal_the_same_may_be_asked_without_another_word(
    database, clock, staff, signing, answer, deny, thaw, given
):
    project_id, request_id = signing
    answer(request_id, staff.unit_leader, given)
    deny(request_id, staff.unit_leader)
    clock.forward(days=1)

    thaw(project_id, ANNUL)

    assert state_of(database, request_id) is RequestState.ANNULLED
    with database.writing() as session:
        again = advance(
            session, project_id, Move.SIGN, by=staff.officer, now=clock(), calendar=CALENDAR
        )
    assert answer(again.request_id, staff.unit_leader) is RequestState.APPROVED


def test_an_answer_that_came_to_nothing_is_annulled_and_the_round_stays_as_it_ended(
    database, clock, staff, answer, deny, thaw
):
    with database.writing() as session:
        project_id, request_id = ask_to_sign(session, staff, now=clock(), investment=2 * BILLION)
    answer(request_id, staff.unit_leader)
    with database.writing() as session:
        edit_project(
            session, project_id, {"contract_number": "HT-2026-018"}, edition=None,
            by=staff.owner, now=clock(), calendar=CALENDAR,
        )  # fmt: skip
    deny(request_id, staff.unit_leader)

    thaw(project_id, ANNUL)

    with database.reading() as session:
        request = session.get_one(ApprovalRequest, request_id)
        assert request.state is RequestState.SUPERSEDED
        assert request.approvals[0].state is ApprovalState.ANNULLED


def test_an_annulled_hold_ends_today_and_its_order_stands_again(
    database, clock, staff, signed, deny, thaw, run
):
    project_id, _ = signed
    run(3, 30)
    with database.writing() as session:
        request_id = hold(session, staff, project_id, date(2026, 4, 30), now=clock())
    turn_to(clock, 4, 1)
    deny(request_id, staff.unit_leader)
    turn_to(clock, 4, 8)

    thaw(project_id, ANNUL)

    with database.reading() as session:
        assert session.scalars(select(Hold.ended_on)).one() == date(2026, 4, 8)
        assert clocks(session, project_id) == ((date(2026, 4, 8), 20),) * 2
        assert due(session, project_id).climbs == date(2026, 4, 15)
        assert session.scalars(select(Order)).one().closed_at is None


def test_what_pends_goes_on_when_an_annulled_hold_ends(database, clock, staff, signing, deny, thaw):
    project_id, signing_id = signing
    with database.writing() as session:
        request_id = hold(session, staff, project_id, date(2026, 4, 30), now=clock())
    deny(request_id, staff.unit_leader)
    turn_to(clock, 3, 9)

    thaw(project_id, ANNUL)

    with database.reading() as session:
        assert session.get_one(ApprovalRequest, signing_id).answer_by == date(2026, 3, 16)


def test_an_annulled_extension_is_taken_back_and_not_counted(
    database, clock, staff, signed, deny, thaw
):
    project_id, _ = signed  # 60 working days
    turn_to(clock, 5, 15)
    with database.writing() as session:
        before = clocks(session, project_id)[0]
        first, second = (extend(session, staff, project_id, days, now=clock()) for days in (20, 30))
        assert clocks(session, project_id)[0] == (date(2026, 5, 15), 30)
    deny(second, staff.unit_leader)
    turn_to(clock, 5, 25)

    thaw(project_id, ANNUL)

    with database.writing() as session:
        # As the first left it: twenty days.
        assert clocks(session, project_id)[0] == (date(2026, 5, 25), 40)
        assert open_visit(session, project_id).stage_episode == 2
        spent = CALENDAR.between(MONDAY, date(2026, 5, 15))
        assert before == (MONDAY, 0)
        assert [*session.scalars(select(Extension.gained))] == [spent - 40, 10]
        extend(session, staff, project_id, 25, now=clock())
        assert open_visit(session, project_id).stage_episode == 4, "an episode of its own"
    assert state_of(database, first) is RequestState.APPROVED


def test_a_later_extension_stands_when_an_earlier_one_is_annulled(
    database, clock, staff, signed, deny, thaw
):
    project_id, _ = signed
    turn_to(clock, 5, 15)
    with database.writing() as session:
        first = extend(session, staff, project_id, 20, now=clock())
        extend(session, staff, project_id, 30, now=clock())
    deny(first, staff.unit_leader)

    thaw(project_id, ANNUL)

    with database.reading() as session:
        assert clocks(session, project_id)[0] == (date(2026, 5, 15), 30)


REASON = "投资方反复"


@pytest.mark.parametrize(
    ("stage", "moves", "back_in"),
    [
        (Stage.NEGOTIATION, [Move.LOSE], Stage.NEGOTIATION),
        (Stage.SIGNED, [Move.LOSE, Move.REVIVE], Stage.LOST),
        (Stage.SIGNED, [Move.STEP_BACK], Stage.SIGNED),
        (Stage.FACTORY_LEASED, [Move.START], Stage.FACTORY_LEASED),
        (Stage.FACTORY_LEASED, [Move.START, Move.ANNUL_START], Stage.STARTED),
    ],
)
def test_whatever_the_move_it_leads_back_to_where_the_project_was(
    database, clock, staff, deny, thaw, stage, moves, back_in
):
    papers = ("contract", "lease_contract", "site_proof")
    with database.writing() as session:
        project = add_ready_project(
            session, staff, stage, now=clock(), to=Stage.STARTED, evidence=papers
        )
    for move in moves:
        clock.forward(days=1)
        with database.writing() as session:
            asked = advance(
                session, project.id, move, by=staff.officer, now=clock(), calendar=CALENDAR,
                reason=REASON,
            )  # fmt: skip
            agree(session, asked.request_id, now=clock())
            answered = session.get_one(ApprovalRequest, asked.request_id).approvals[0].person_id
    deny(asked.request_id, answered)
    clock.forward(days=1)

    thaw(project.id, ANNUL)

    assert row_of(database, project.id).stage is back_in
    # And on from there as if nothing had been.
    with database.writing() as session:
        again = advance(
            session, project.id, moves[-1], by=staff.officer, now=clock(), calendar=CALENDAR,
            reason=REASON,
        )  # fmt: skip
        assert agree(session, again.request_id, now=clock()) is RequestState.APPROVED


def test_a_hold_ends_where_an_annulment_leads_to_a_stage_without_clocks(
    database, clock, staff, deny, thaw
):
    with database.writing() as session:
        project = add_ready_project(
            session, staff, Stage.FACTORY_LEASED, now=clock(), to=Stage.STARTED
        )
        for move in (Move.START, Move.ANNUL_START):
            asked = advance(
                session, project.id, move, by=staff.officer, now=clock(), calendar=CALENDAR,
                reason=REASON,
            )  # fmt: skip
            agree(session, asked.request_id, now=clock())
        hold(session, staff, project.id, date(2026, 3, 20), now=clock())
    deny(asked.request_id, staff.director)

    thaw(project.id, ANNUL)

    with database.reading() as session:
        assert session.get_one(Project, project.id).stage is Stage.STARTED
        assert session.scalars(select(Hold.ended_on)).one() == MONDAY
        assert due(session, project.id) == Due(None, None, None, None)


def test_two_disowned_answers_are_looked_into_at_once(database, clock, staff, answer, deny, thaw):
    with database.writing() as session:
        project_id, request_id = ask_to_sign(session, staff, now=clock(), investment=2 * BILLION)
    for person in (staff.unit_leader, staff.director):
        answer(request_id, person)
        clock.forward(hours=1)
    for person in (staff.unit_leader, staff.director):
        deny(request_id, person)

    thaw(project_id, ANNUL)

    with database.reading() as session:
        request = session.get_one(ApprovalRequest, request_id)
        assert {each.state for each in request.approvals} == {ApprovalState.ANNULLED}
        assert session.get_one(Project, project_id).stage is Stage.NEGOTIATION
        assert all(each.annulled for each in session.scalars(select(Freeze)))
        told = [person for _, person in mails(session, "freeze_ended")]
        assert sorted(told) == sorted(
            [staff.unit_leader, staff.director, staff.officer, staff.officer]
        )


def test_a_person_taken_on_during_a_freeze_is_asked_when_it_ends(
    database, clock, staff, answer, deny, thaw
):
    with database.writing() as session:
        project_id, request_id = ask_to_sign(session, staff, now=clock(), investment=2 * BILLION)
    answer(request_id, staff.unit_leader)
    deny(request_id, staff.unit_leader)
    clock.forward(days=1)
    with database.writing() as session:
        stand_in = add_person(session)
        delegate(
            session, staff.director, stand_in, from_day=MONDAY,
            to_day=MONDAY + timedelta(days=30),
        )  # fmt: skip

    thaw(project_id, CONFIRM)

    assert answer(request_id, stand_in) is RequestState.APPROVED


def test_agreement_that_is_carried_over_during_a_freeze_moves_nothing_until_it_ends(
    database, clock, staff, answer, deny, thaw
):
    with database.writing() as session:
        project = add_ready_project(
            session, staff, Stage.NEGOTIATION, now=clock(), to=Stage.SIGNED, contract_number=None
        )
        asked = advance(
            session, project.id, Move.SIGN, by=staff.officer, now=clock(), calendar=CALENDAR,
            reason="合同编号待补", override=True,
        )  # fmt: skip
    answer(asked.request_id, staff.unit_leader)
    deny(asked.request_id, staff.unit_leader)
    clock.forward(days=1)
    with database.writing() as session:  # the leader becomes director, whose turn it is
        vacate(session, staff.director, last_day=MONDAY)
        appoint(
            session, staff.unit_leader, Role.GENERAL_HEADQUARTERS_DIRECTOR, GENERAL_HEADQUARTERS
        )
        reroute_requests(session, now=clock(), calendar=CALENDAR)

    assert state_of(database, asked.request_id) is RequestState.PENDING
    assert row_of(database, project.id).stage is Stage.NEGOTIATION
    thaw(project.id, CONFIRM)
    assert state_of(database, asked.request_id) is RequestState.APPROVED
    assert row_of(database, project.id).stage is Stage.SIGNED
