"""Re-route a pending request: people come, go and stand in for one another while it waits."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from db.models import Approval, ApprovalRequest, Project
from db.queries.chasing import requests_around
from db.queries.policies import policy_version
from db.queries.requests import request_to_change
from db.trail import record
from state_machines.approvals import ApprovalState, AskedBecause, NoLongerAsked, RequestState
from state_machines.asking import Circle, Question
from state_machines.posts import Answerer, PostKey, Role
from state_machines.steps import Quorum
from state_machines.working_days import WorkCalendar, local_day
from use_cases.ask_step import PASSED_ON, ask_or_carry_over, who_agreed
from use_cases.circle import circle_of
from use_cases.take_stock import ask_no_longer, take_stock


def reroute(
    session: Session,
    project: Project,
    request: ApprovalRequest,
    *,
    now: datetime,
    calendar: WorkCalendar,
) -> None:
    """Ask those who answer today for the posts of a pending request, whose lock the caller holds.

    Whoever may not answer any more is no longer asked; a stand-in takes the holder's place; a new
    holder is asked besides; a post with nobody left goes to its superior. Where nobody up the line
    may answer, the request waits and the administrators are alarmed. Where nothing has changed,
    nothing happens.
    """
    adopted = policy_version(session, request.policy_version_id)
    request.routed_on = today = local_day(now)
    circle = circle_of(
        session,
        project,
        requested_by=request.requested_by_id,
        policy=adopted.policy,
        today=today,
    )
    lost: dict[NoLongerAsked, list[Approval]] = {}
    for row in (each for each in request.current if each.state is ApprovalState.PENDING):
        if why := _why_no_longer(circle, row, but=_passed_by(request, row)):
            lost.setdefault(why, []).append(row)
        else:
            _correct_name(circle, row)
    leaving = {id(row) for rows in lost.values() for row in rows}
    step = request.steps[request.step]
    wanted: list[Question] = []
    for role in dict.fromkeys(step.asks):
        rows = [each for each in request.current if each.asked_role is role]
        if isinstance(step.needs, Quorum) and any(each.answer for each in rows):
            continue
        wanted += _whom_now(circle, role, rows, leaving)
    staying = [e for e in request.current if _has_a_voice(e) and id(e) not in leaving]
    asked = {(each.asked_role, each.person_id) for each in staying}
    new = [each for each in wanted if (each.role, each.person_id) not in asked]
    if not (lost or new or request.nobody_since):
        return
    for why, rows in lost.items():
        for each in rows:
            each.state, each.no_longer = ApprovalState.MOOT, why
    if lost:
        record(
            session, project, "rerouted", by=None, now=now, request=request.id,
            no_longer=[[e.asked_role, e.person_id, e.no_longer] for r in lost.values() for e in r],
        )  # fmt: skip
    ask_or_carry_over(session, project, request, new, now=now, answer_by=request.answer_by)
    for why, rows in lost.items():
        # Only now: whoever is asked for another post is not told that they need not answer.
        gone = [each for each in rows if each.state is ApprovalState.MOOT]
        ask_no_longer(session, project, request, gone, why, now=now)
    take_stock(session, project, request, circle, adopted, by=None, now=now, calendar=calendar)


def reroute_requests(
    session: Session,
    *,
    now: datetime,
    calendar: WorkCalendar,
    people: Collection[int] | None = None,
    posts: Collection[PostKey] = (),
) -> int:
    """Re-route the pending requests that ask `people`, or for `posts`; returns how many.

    Those that wait for somebody to be found are tried again, too; without `people`, all that pend.
    Locks projects in the order of their ids. Safe to repeat.
    """
    around = requests_around(session, people, posts)
    for _, request_id in around:
        project, request = request_to_change(session, request_id)
        if request.state is RequestState.PENDING:
            reroute(session, project, request, now=now, calendar=calendar)
    return len(around)


def _passed_by(request: ApprovalRequest, row: Approval) -> set[int]:
    """Return who is not asked what a row asks, and so does not stand in for its person either."""
    if row.because is AskedBecause.REASSIGNED:
        return set()
    same = [each for each in request.current if each.asked_role is row.asked_role]
    passed_by = {each.person_id for each in same if each.no_longer in PASSED_ON}
    # Whoever has agreed is no second person.
    is_second = row.because is AskedBecause.SECOND_PERSON
    return passed_by | who_agreed(request) if is_second else passed_by


def _why_no_longer(circle: Circle, row: Approval, *, but: Collection[int]) -> NoLongerAsked | None:
    post = PostKey.parse(row.post)
    if row.person_id in circle.excluded:
        return NoLongerAsked.EXCLUDED
    if not circle.may_decide(row.person_id, post):
        return NoLongerAsked.LEFT
    answering = circle.answering(post, but=but)
    is_stood_in_for = any(each.on_behalf_of == row.person_id for each in answering)
    if is_stood_in_for and all(each.person_id != row.person_id for each in answering):
        return NoLongerAsked.STOOD_IN
    return None


def _correct_name(circle: Circle, row: Approval) -> None:
    """Say in whose name somebody is asked: a stand-in may hold the post themselves by now."""
    for each in circle.answering(PostKey.parse(row.post)):
        if each.person_id == row.person_id and each.on_behalf_of != row.on_behalf_of_id:
            row.on_behalf_of_id = each.on_behalf_of
            row.because = _as_holder_or_stand_in(row.because, each)


def _as_holder_or_stand_in(because: AskedBecause, answerer: Answerer) -> AskedBecause:
    if because not in (AskedBecause.HOLDS, AskedBecause.STANDS_IN):
        return because
    return AskedBecause.STANDS_IN if answerer.on_behalf_of else AskedBecause.HOLDS


def _whom_now(
    circle: Circle, role: Role, rows: Sequence[Approval], leaving: Collection[int]
) -> list[Question]:
    """Return who answers today for one post of the step, its other rows in the step being `rows`.

    The posts that were asked go on being asked; if nobody is left there, it is asked afresh.
    """
    passed_on = {each.person_id for each in rows if each.no_longer in PASSED_ON}
    found: dict[int, Question] = {}
    for row in (each for each in rows if each.state is ApprovalState.PENDING):
        post = PostKey.parse(row.post)
        if row.because is AskedBecause.REASSIGNED:
            # It was passed to this one person, and to nobody else of the post.
            answerers = [
                each
                for each in circle.answering(post)
                if row.person_id in (each.person_id, each.on_behalf_of)
            ]
        else:
            answerers = [*circle.answering(post, but=passed_on)]
        if id(row) not in leaving:
            answerers = [each for each in answerers if each.person_id != row.person_id]
            found.setdefault(row.person_id, _as_it_was(row))
        for each in answerers:
            because = _as_holder_or_stand_in(row.because, each)
            found.setdefault(each.person_id, Question(role, post, each, because))
    return [*found.values()] or [*circle.whom(role, but=passed_on)]


def _as_it_was(row: Approval) -> Question:
    answerer = Answerer(row.person_id, row.on_behalf_of_id)
    return Question(row.asked_role, PostKey.parse(row.post), answerer, row.because)


def _has_a_voice(row: Approval) -> bool:
    return row.state is not ApprovalState.MOOT
