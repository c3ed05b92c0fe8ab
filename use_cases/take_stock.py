"""Take stock of a round after anything that changed who has said what: what does it call for?"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from db.models import Approval, ApprovalRequest, Project
from db.queries.policies import AdoptedPolicy
from db.queries.standing import Standing
from notifications import links, outbox
from notifications.mails import AskedNoLonger, ProjectName
from state_machines.approvals import ApprovalState, NoLongerAsked, RequestMove
from state_machines.asking import Circle
from state_machines.deadlines import Deadlines
from state_machines.steps import Quorum, Voice, outcome
from state_machines.working_days import WorkCalendar
from use_cases.ask_step import ask_step, have_enough_agreed, who_agreed
from use_cases.carry_out import carry_out
from use_cases.set_chase import set_chase
from use_cases.settle_request import settle_request


def take_stock(
    session: Session,
    project: Project,
    request: ApprovalRequest,
    circle: Circle,
    adopted: AdoptedPolicy,
    *,
    by: int | None,
    now: datetime,
    calendar: WorkCalendar,
    comment: str | None = None,
    answered: Sequence[Approval] = (),
    standing: Standing | None = None,
) -> None:
    """Settle the round, turn to its next step, carry out what all agreed to, or let it wait.

    The caller holds the project's lock. `by` gave the last answer, `answered`; None where nobody
    did. A post has one answer, the first: its other people are no longer asked, but in a vote.
    `standing` is how the project stands, where that was read already.
    Nothing comes of anything while the project is frozen.
    """
    if project.frozen_at is not None:
        set_chase(request, adopted.policy.deadlines, calendar, now=now)
        return
    step = request.steps[request.step]
    posts = {each.asked_role for each in answered if isinstance(step.needs, Quorum)}
    others = [each for each in _waiting(request) if each.asked_role in posts]
    # Who need not answer any more is not counted on, so that a step that has failed is seen to.
    counted = [each for each in request.current if each not in others]
    result = outcome(step, [Voice(e.asked_role, e.person_id, e.state) for e in counted])
    if result is RequestMove.APPROVE:
        if _all_steps_agree(
            session, project, request, circle, adopted.policy.deadlines, now=now, calendar=calendar
        ):
            carry_out(
                session, project, request, adopted, by=by, now=now, calendar=calendar,
                comment=comment, standing=standing,
            )  # fmt: skip
    elif result is not None:
        settle_request(session, project, request, result, by=by, now=now, comment=comment)
    else:
        ask_no_longer(session, project, request, others, NoLongerAsked.ANSWERED, now=now)
    set_chase(request, adopted.policy.deadlines, calendar, now=now)


def _all_steps_agree(
    session: Session,
    project: Project,
    request: ApprovalRequest,
    circle: Circle,
    deadlines: Deadlines,
    *,
    now: datetime,
    calendar: WorkCalendar,
) -> bool:
    """Go on from a step that has agreed: to a further person, to the next step, or to the end."""
    if request.step == len(request.steps) - 1:
        if not {each.person_id for each in _waiting(request)} - who_agreed(request):
            return have_enough_agreed(
                session, project, request, circle, deadlines, now=now, calendar=calendar
            )
        # Somebody else is asked still: theirs may be the further agreement that is needed.
        return len(who_agreed(request)) >= request.persons
    unheard = _waiting(request)
    for each in unheard:
        each.state, each.no_longer = ApprovalState.MOOT, NoLongerAsked.ANSWERED
    request.step += 1
    have_all = ask_step(session, project, request, circle, deadlines, now=now, calendar=calendar)
    # Only now: whoever is asked in the next step, too, is not told that they need not answer.
    ask_no_longer(session, project, request, unheard, NoLongerAsked.ANSWERED, now=now)
    return have_all


def _waiting(request: ApprovalRequest) -> list[Approval]:
    return [each for each in request.current if each.state is ApprovalState.PENDING]


def ask_no_longer(
    session: Session,
    project: Project,
    request: ApprovalRequest,
    rows: Sequence[Approval],
    why: NoLongerAsked,
    *,
    now: datetime,
) -> None:
    """Take questions back from people: links and waiting mails die, they are told.

    Whoever is asked for another post keeps their links, and hears nothing.
    """
    for each in rows:
        each.state, each.no_longer = ApprovalState.MOOT, why
    still_asked = {e.person_id for e in request.current if e.state is ApprovalState.PENDING}
    for person_id in dict.fromkeys(each.person_id for each in rows):
        if person_id in still_asked:
            continue
        links.revoke(session, request.id, person_id, now=now)
        outbox.cancel(session, request.id, person_id, now=now)
        outbox.post(
            session,
            AskedNoLonger(
                project=ProjectName.of(project),
                request_id=request.id,
                subject=request.subject,
                why=why,
            ),
            to=person_id,
            key=f"no_longer/{request.id}/{person_id}/{now.isoformat()}",
            project_id=project.id,
            request_id=request.id,
            now=now,
        )
