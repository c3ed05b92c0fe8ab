"""Sound an alarm: tell the administrators what no rule can mend."""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy.orm import Session

from db.queries.roster import roster_on
from notifications.mails import EmptyPost, EmptyPostsAlarm
from notifications.outbox import post
from state_machines.posts import MUNICIPALITY, PostKey, Role


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
    administrators = PostKey(Role.ADMINISTRATOR, MUNICIPALITY)
    for answerer in roster_on(session, day).answering(administrators):
        post(
            session,
            alarm,
            to=answerer.person_id,
            key=f"empty_posts/{day}/{which}/{answerer.person_id}",
            now=now,
        )
