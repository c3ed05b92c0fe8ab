"""Chase a pending request: remind, add the superiors, and in the end let it expire."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from enum import Enum, auto

from sqlalchemy.orm import Session

from db.models import ApprovalRequest, Project
from db.queries.policies import policy_version
from db.queries.requests import request_to_change
from notifications.mails import ApprovalReminder
from notifications.outbox import post
from state_machines.approvals import ApprovalState, AskedBecause, RequestMove, RequestState
from state_machines.asking import Circle, Question
from state_machines.deadlines import reminder_due
from state_machines.posts import PostKey
from state_machines.working_days import WorkCalendar, local_day
from use_cases.ask_step import PASSED_ON, ask, who_agreed
from use_cases.circle import circle_of
from use_cases.question import question
from use_cases.reroute import reroute
from use_cases.set_chase import set_chase
from use_cases.settle_request import settle_request


class Chased(Enum):
    """What a look at a pending request has led to."""

    NOTHING = auto()
    REMINDED = auto()
    SUPERIORS_ASKED = auto()
    EXPIRED = auto()


def chase_request(
    session: Session,
    request_id: int,
    *,
    now: datetime,
    calendar: WorkCalendar,
    as_of: datetime | None = None,
) -> Chased:
    """Do what is due about a pending request at `as_of` (product.md, section 4), now if not told.

    The machine's doing: no person's name stands under it. The last day of a deadline belongs to
    whoever answers. A request that has had its days expires, which approves nothing. After a step's
    days the superiors are asked besides, once. Missed reminders are sent as one, and none to who
    is asked only now. Safe to repeat. Raises `NotFound`.
    """
    project, request = request_to_change(session, request_id)
    if request.state is not RequestState.PENDING:
        return Chased.NOTHING
    today = machine_day(as_of or now, calendar)
    if project.frozen_at is not None:
        # It is looked into; nobody can answer meanwhile.
        request.next_chase_at = calendar.opening(calendar.add(today, 1))
        return Chased.NOTHING
    adopted = policy_version(session, request.policy_version_id)
    deadlines = adopted.policy.deadlines
    if today >= request.wait.day_after(deadlines.request, calendar):
        settle_request(session, project, request, RequestMove.EXPIRE, by=None, now=now)
        return Chased.EXPIRED
    asked_before = _waiting(request)
    reroute(session, project, request, now=now, calendar=calendar)
    if request.state is not RequestState.PENDING:
        return Chased.NOTHING
    done = Chased.NOTHING
    if today < request.step_wait.origin:
        # A hold lasts until then; nobody is reminded of anything meanwhile.
        set_chase(request, deadlines, calendar, now=now)
        return done
    nth = reminder_due(
        request.step_wait, deadlines, calendar, today=today, reminded=request.reminded
    )
    # What a later deadline has overtaken is not sent any more.
    request.reminded = nth or request.reminded
    is_overdue = today >= request.step_wait.day_after(deadlines.step, calendar)
    if is_overdue and not request.superior_added:
        done = Chased.SUPERIORS_ASKED
        request.superior_added = True
        set_chase(request, deadlines, calendar, now=now)
        circle = circle_of(
            session,
            project,
            requested_by=request.requested_by_id,
            policy=adopted.policy,
            today=local_day(now),
        )
        _ask_superiors(session, project, request, circle, now=now)
    elif nth is not None:
        done = Chased.REMINDED
        remind(session, request, f"reminder/{nth}", now=now, only=asked_before)
    set_chase(request, deadlines, calendar, now=now)
    return done


def machine_day(as_of: datetime, calendar: WorkCalendar) -> date:
    """Return the day whose work the machine does at `as_of`: it begins with a day at 09:00."""
    today = local_day(as_of)
    return today if as_of >= calendar.opening(today) else today - timedelta(days=1)


def remind(
    session: Session,
    request: ApprovalRequest,
    key: str,
    *,
    now: datetime,
    nudged_by: str | None = None,
    only: Collection[int] | None = None,
) -> None:
    """Owe everybody who is asked, of `only` if told, one more mail, under a key of its kind."""
    for person_id in _waiting(request):
        if only is not None and person_id not in only:
            continue
        post(
            session,
            question(
                request,
                person_id,
                ApprovalReminder,
                answer_by=request.answer_by,
                nudged_by=nudged_by,
            ),
            to=person_id,
            key=f"{key}/{request.id}/{request.step}/{person_id}",
            project_id=request.project_id,
            request_id=request.id,
            now=now,
        )


def _ask_superiors(
    session: Session, project: Project, request: ApprovalRequest, circle: Circle, *, now: datetime
) -> None:
    """Ask the superior of each post that is waited for; the first answer of the two counts.

    Time alone agrees to nothing: who has agreed for another post is passed by, as is who has
    answered in this step.
    """
    answered = who_agreed(request) | {each.person_id for each in request.current if each.answer}
    questions: list[Question] = []
    for role in dict.fromkeys(request.steps[request.step].asks):
        known = [each for each in request.current if each.asked_role is role]
        waiting = [each for each in known if each.state is ApprovalState.PENDING]
        if not waiting:
            continue
        # Whoever lost the post meanwhile may hold the superior one; not so who cannot be reached.
        asked = {e.person_id for e in waiting} | {
            each.person_id for each in known if each.no_longer in PASSED_ON
        }
        post_asked = PostKey.parse(waiting[-1].post)
        questions += circle.above(role, post_asked, AskedBecause.OVERDUE, but=answered | asked)
    ask(session, project, request, questions, now=now, answer_by=request.answer_by)


def _waiting(request: ApprovalRequest) -> list[int]:
    """Return who is asked now, each once."""
    waiting = [each for each in request.current if each.state is ApprovalState.PENDING]
    return [*dict.fromkeys(each.person_id for each in waiting)]
