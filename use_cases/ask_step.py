"""Ask the step whose turn it is, and pass by those that are satisfied already."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from db.models import Approval, ApprovalRequest, Project
from db.queries.projects import open_hold, places_of
from db.trail import record
from notifications.mails import ApprovalAsked
from notifications.outbox import post
from state_machines.approvals import (
    Answer,
    ApprovalState,
    AskedBecause,
    NoLongerAsked,
    RequestMove,
)
from state_machines.asking import Circle, Question
from state_machines.deadlines import Deadlines, Wait
from state_machines.posts import Role, post_of
from state_machines.steps import Quorum, Voice, is_within_reach, outcome
from state_machines.working_days import WorkCalendar, local_day
from use_cases.question import question
from use_cases.sound_alarm import alarm_empty_posts, alarm_nobody_answers

PASSED_ON = (NoLongerAsked.UNDELIVERED, NoLongerAsked.REASSIGNED)
"""Who lost a question so is not asked it again, though they hold the post still."""

_EMPTY = AskedBecause.EMPTY


def ask_step(
    session: Session,
    project: Project,
    request: ApprovalRequest,
    circle: Circle,
    deadlines: Deadlines,
    *,
    now: datetime,
    calendar: WorkCalendar,
) -> bool:
    """Ask the posts of the request's step, and of the next while one is satisfied already.

    Whoever has agreed before in this round is not asked again: their agreement carries over.
    Returns True once every step has agreed.
    """
    while True:
        step = request.steps[request.step]
        # A step's time begins today, or when the hold that the project is under has passed.
        hold = open_hold(session, project.id, local_day(now))
        request.step_wait = Wait(hold.until_day if hold else local_day(now))
        request.reminded, request.superior_added = 0, False
        questions = [each for role in step.asks for each in circle.whom(role)]
        answer_by = request.step_wait.last_day(deadlines.step, calendar)
        ask_or_carry_over(session, project, request, questions, now=now, answer_by=answer_by)
        if outcome(step, voices(request)) is not RequestMove.APPROVE:
            return False
        if request.step == len(request.steps) - 1:
            return have_enough_agreed(
                session, project, request, circle, deadlines, now=now, calendar=calendar
            )
        request.step += 1


def have_enough_agreed(
    session: Session,
    project: Project,
    request: ApprovalRequest,
    circle: Circle,
    deadlines: Deadlines,
    *,
    now: datetime,
    calendar: WorkCalendar,
) -> bool:
    """Say whether as many distinct persons have agreed as must; if not, ask a further one.

    The last post of the last step climbs again (product.md, section 4).
    """
    agreed = who_agreed(request)
    if len(agreed) >= request.persons:
        return True
    role = request.steps[-1].asks[-1]
    heard = {e.person_id for e in request.current if e.answer or e.no_longer in PASSED_ON}
    further = circle.whom(role, but=agreed | heard)
    ask(
        session,
        project,
        request,
        [Question(e.role, e.post, e.answerer, AskedBecause.SECOND_PERSON) for e in further],
        now=now,
        answer_by=request.step_wait.last_day(deadlines.step, calendar),
    )
    _note_nobody(session, project, request, None if further else role, now=now)
    return False


def ask_or_carry_over(
    session: Session,
    project: Project,
    request: ApprovalRequest,
    questions: Sequence[Question],
    *,
    now: datetime,
    answer_by: date | None,
) -> None:
    """Ask people in the request's present step; who has agreed in this round agrees here, too.

    Nobody answers twice in a step, and a post that has its answer is not asked, but in a vote,
    where every voice counts by itself.
    """
    _carry_over(request, questions, now=now)
    step = request.steps[request.step]
    if outcome(step, voices(request)) is not None:
        return
    heard = {each.person_id for each in request.current if each.answer}
    is_vote = not isinstance(step.needs, Quorum)
    closed = {each.asked_role for each in request.current if each.answer and not is_vote}
    rest = [each for each in questions if each.person_id not in heard and each.role not in closed]
    ask(session, project, request, rest, now=now, answer_by=answer_by)
    note_if_stuck(session, project, request, now=now)


def _carry_over(request: ApprovalRequest, questions: Sequence[Question], *, now: datetime) -> None:
    agreed = who_agreed(request)
    for each in questions:
        if each.person_id not in agreed:
            continue
        row = _row_of(request, each)
        if row.state is ApprovalState.APPROVED:
            continue
        row.post, row.because = str(each.post), each.because
        row.asked_at = row.asked_at or now
        row.on_behalf_of_id = each.answerer.on_behalf_of
        row.state, row.no_longer = ApprovalState.APPROVED, None
        row.answer, row.answered_at, row.carried = Answer.APPROVE, now, True


def ask(
    session: Session,
    project: Project,
    request: ApprovalRequest,
    questions: Sequence[Question],
    *,
    now: datetime,
    answer_by: date | None,
    note: str | None = None,
) -> None:
    """Ask people in the request's present step; each gets one mail, whatever their posts.

    Who is being asked for the same post is not asked again. That a post has nobody is an alarm.
    """
    asked = []
    for each in questions:
        row = _row_of(request, each)
        if row.state is ApprovalState.PENDING and row.no_longer is None and row.id is not None:
            continue
        row.post, row.because, row.note = str(each.post), each.because, note
        row.on_behalf_of_id = each.answerer.on_behalf_of
        row.state, row.no_longer, row.asked_at = ApprovalState.PENDING, None, now
        asked.append(row)
    if not asked:
        return
    session.flush()
    record(
        session, project, "asked", by=None, now=now, request=request.id, step=request.step + 1,
        asked=[[each.asked_role, each.post, each.person_id, each.because] for each in asked],
    )  # fmt: skip
    empty = {post_of(e.asked_role, places_of(project)) for e in asked if e.because is _EMPTY}
    if posts := dict.fromkeys((each for each in empty if each is not None), 1):
        alarm_empty_posts(session, posts, day=local_day(now), now=now)
    for person_id in dict.fromkeys(each.person_id for each in asked):
        post(
            session,
            question(request, person_id, ApprovalAsked, answer_by=answer_by),
            to=person_id,
            key=f"asked/{request.id}/{person_id}/{now.isoformat()}",
            project_id=request.project_id,
            request_id=request.id,
            now=now,
        )


def voices(request: ApprovalRequest) -> list[Voice]:
    """Return what everybody asked in the request's present step has said."""
    return [Voice(each.asked_role, each.person_id, each.state) for each in request.current]


def who_agreed(request: ApprovalRequest) -> set[int]:
    """Return the distinct persons who have agreed in the whole round."""
    return {e.person_id for e in request.approvals if e.state is ApprovalState.APPROVED}


def note_if_stuck(
    session: Session, project: Project, request: ApprovalRequest, *, now: datetime
) -> None:
    """Alarm the administrators if the present step cannot agree, as a post has nobody to answer.

    The round waits: an administrator fills the post, and the machine asks again.
    """
    step, said = request.steps[request.step], voices(request)
    if outcome(step, said) is not None:
        return
    heard = {e.role for e in said if e.state in (ApprovalState.PENDING, ApprovalState.APPROVED)}
    unheard = [role for role in step.asks if role not in heard]
    is_stuck = not is_within_reach(step, said)
    nobody = [*unheard, *step.asks][0] if is_stuck else None
    _note_nobody(session, project, request, nobody, now=now)


def _note_nobody(
    session: Session,
    project: Project,
    request: ApprovalRequest,
    role: Role | None,
    *,
    now: datetime,
) -> None:
    if role is None:
        request.nobody_since = None
        return
    request.nobody_since = request.nobody_since or now
    alarm_nobody_answers(session, project, request, role, now=now)


def _row_of(request: ApprovalRequest, question: Question) -> Approval:
    """Return the row of a person asked for a post in this step, made if it is not there yet."""
    for each in request.current:
        if (each.asked_role, each.person_id) == (question.role, question.person_id):
            return each
    row = Approval(
        step=request.step,
        asked_role=question.role,
        person_id=question.person_id,
        state=ApprovalState.PENDING,
        carried=False,
    )
    request.approvals.append(row)
    return row
