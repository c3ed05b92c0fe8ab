"""Sound an alarm: tell the administrators what no rule can mend."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date, datetime

from sqlalchemy.orm import Session

from db.models import ApprovalRequest, Project
from db.queries.people import open_projects_of
from db.queries.roster import roster_on
from notifications.mails import EmptyPost, EmptyPostsAlarm, NobodyAnswers, ProjectName
from notifications.outbox import post
from state_machines.posts import MUNICIPALITY, PostKey, Role
from state_machines.working_days import local_day


def alarm_empty_posts(
    session: Session, posts: Mapping[PostKey, int], *, day: date, now: datetime
) -> None:
    """Tell each administrator which posts a run found empty, and for how many projects.

    The same posts are news once a day.
    """
    names = sorted(str(post) for post in posts)
    alarm = EmptyPostsAlarm(
        day=day,
        posts=tuple(
            EmptyPost(post=str(post), projects=count) for post, count in sorted(posts.items())
        ),
    )
    which = hashlib.sha256("\n".join(names).encode()).hexdigest()[:16]
    for person_id in administrators(session, day):
        post(
            session,
            alarm,
            to=person_id,
            key=f"empty_posts/{day}/{which}/{person_id}",
            now=now,
        )


def alarm_emptied_posts(session: Session, posts: Iterable[PostKey], *, now: datetime) -> None:
    """Tell each administrator which of these posts nobody answers for any more."""
    today = local_day(now)
    roster = roster_on(session, today)
    empty = [each for each in posts if not roster.answering(each)]
    if empty:
        projects = {each: open_projects_of(session, each) for each in empty}
        alarm_empty_posts(session, projects, day=today, now=now)


def alarm_nobody_answers(
    session: Session, project: Project, request: ApprovalRequest, role: Role, *, now: datetime
) -> None:
    """Tell each administrator that a pending request waits for a post nobody may answer for.

    The same is news once a day.
    """
    today = local_day(now)
    for person_id in administrators(session, today):
        post(
            session,
            NobodyAnswers(
                project=ProjectName.of(project),
                request_id=request.id,
                subject=request.subject,
                role=role,
            ),
            to=person_id,
            key=f"nobody_answers/{request.id}/{role}/{today}/{person_id}",
            project_id=project.id,
            request_id=request.id,
            now=now,
        )


def administrators(session: Session, day: date) -> list[int]:
    """Return who holds the administrator's post on a day, or stands in for it, each once."""
    post = PostKey(Role.ADMINISTRATOR, MUNICIPALITY)
    answering = roster_on(session, day).answering(post)
    return list(dict.fromkeys(each.person_id for each in answering))
