"""Inform of edits that ask nobody again: who is still asked, and the posts of a new tier."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import ApprovalRequest, Person, Project, StageChange
from db.queries.projects import places_of
from db.queries.roster import roster_on
from notifications.mails import FactChange, FactsChanged, ProjectName, TierCrossed
from notifications.outbox import post
from state_machines.approvals import ApprovalState, RequestState, Subject
from state_machines.facts import FACT_NAMES, ProjectFacts, plain
from state_machines.policy import Policy
from state_machines.posts import PostKey, Role, post_of
from state_machines.stages import OFFERED
from state_machines.working_days import local_day


def inform_of_edit(
    session: Session,
    project: Project,
    request: ApprovalRequest,
    before: ProjectFacts,
    after: ProjectFacts,
    *,
    by: int | None,
    now: datetime,
) -> None:
    """Tell everybody who is still asked what has changed since, field by field."""
    if request.state is not RequestState.PENDING:
        return
    changes = tuple(
        FactChange(field=name, before=plain(old), after=plain(new))
        for name in FACT_NAMES
        if (old := getattr(before, name)) != (new := getattr(after, name))
    )
    if not changes:
        return
    editor = session.get(Person, by) if by is not None else None
    waiting = [each for each in request.current if each.state is ApprovalState.PENDING]
    for person_id in dict.fromkeys(each.person_id for each in waiting):
        if person_id == by:
            continue
        post(
            session,
            FactsChanged(
                project=ProjectName.of(project),
                request_id=request.id,
                subject=request.subject,
                changed_by=editor.name if editor else None,
                changes=changes,
            ),
            to=person_id,
            key=f"facts_changed/{request.id}/{project.edition}/{person_id}",
            project_id=project.id,
            request_id=request.id,
            now=now,
        )


def inform_new_tier(
    session: Session,
    project: Project,
    before: ProjectFacts,
    after: ProjectFacts,
    policy: Policy,
    *,
    now: datetime,
) -> None:
    """Tell the posts of a new tier, where an approval of the old one opened the project's stage.

    The approval stands for the stage that it opened; the next move is judged by the new tier
    (product.md, section 10).
    """
    if policy.tier(before.investment) == policy.tier(after.investment):
        return
    opened = session.execute(
        select(StageChange.move, StageChange.request_id).where(
            StageChange.project_id == project.id, StageChange.seq == project.history_seq
        )
    ).one()
    if opened.move not in OFFERED or opened.request_id is None:
        return
    subject = Subject(opened.move)
    asked = _posts_asked(policy, subject, before, project)
    new = [each for each in _posts_asked(policy, subject, after, project) if each not in asked]
    roster = roster_on(session, local_day(now))
    told: dict[int, list[str]] = {}
    for each in new:
        for answerer in roster.answering(each):
            told.setdefault(answerer.person_id, []).append(str(each))
    for person_id, posts in told.items():
        post(
            session,
            TierCrossed(
                project=ProjectName.of(project),
                stage=project.stage,
                before=before.investment,
                after=after.investment,
                posts=tuple(posts),
            ),
            to=person_id,
            key=f"tier_crossed/{project.id}/{project.edition}/{person_id}",
            project_id=project.id,
            now=now,
        )


def _posts_asked(
    policy: Policy, subject: Subject, facts: ProjectFacts, project: Project
) -> list[PostKey]:
    roles: list[Role] = [
        role for step in policy.steps(subject, facts.investment) for role in step.asks
    ]
    posts = [post_of(role, places_of(project)) for role in roles]
    return [each for each in posts if each is not None]
