"""Rows for tests, with every detail filled in that a test does not care about.

The city is the one that seeding founds; projects enter by the way that real ones do.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import (
    Delegation,
    Evidence,
    Mail,
    MailState,
    Origin,
    Person,
    PolicyVersion,
    Post,
    PostHolder,
    Project,
)
from db.queries.policies import policy_in_force
from runtime.calendar import city_calendar
from state_machines.dates import PartialDate
from state_machines.facts import EvidenceKind
from state_machines.policy import Policy
from state_machines.posts import GENERAL_HEADQUARTERS, MUNICIPALITY, PROMOTION_CENTER, Role
from state_machines.stages import Move, Stage
from state_machines.working_days import local_day
from use_cases.advance import Requested, advance
from use_cases.register_project import NewProject, register_projects
from use_cases.seeding.seed import seed

CALENDAR = city_calendar()
SHIPPED_POLICY = Path(__file__).parent.parent / "policies" / "jinhua.toml"
LONG_AGO = date(2020, 1, 1)
LANXI, YIWU = "330781", "330782"
TEAM_OF_LANXI = "special-team-3"
SHANGHAI = "shanghai"
MILLION, BILLION = 1_000_000, 1_000_000_000

_nth = count(1)

BEFORE_NEGOTIATION: dict[str, Any] = {
    "investor_contact": "王先生 13800000000",
    "industry": "纺织",  # none of the leading ones
    "investment": 300 * MILLION,
}
BEFORE_SIGNING: dict[str, Any] = {
    "contract_number": "HT-2026-017",
    "contract_date": PartialDate("2026-02-10"),
    "planned_start": PartialDate("2026-06"),
    "needs_factory": True,
}
BEFORE_LEASING: dict[str, Any] = {
    "site": "兰江街道一号地块",
    "area": 12_000,
    "funds_required": 50 * MILLION,
    "funds_ready": 60 * MILLION,
    "funds_certified_on": date(2026, 2, 20),
    "funds_certificate_until": date(2026, 12, 31),
}
BEFORE_STARTING: dict[str, Any] = {
    "start_date": PartialDate("2026-02-27"),
    "permit_number": "330781202602270101",
}
READY: dict[Stage, dict[str, Any]] = {
    Stage.NEGOTIATION: BEFORE_NEGOTIATION,
    Stage.SIGNED: BEFORE_NEGOTIATION | BEFORE_SIGNING,
    Stage.FACTORY_LEASED: BEFORE_NEGOTIATION | BEFORE_SIGNING | BEFORE_LEASING,
    Stage.STARTED: BEFORE_NEGOTIATION | BEFORE_SIGNING | BEFORE_LEASING | BEFORE_STARTING,
}
"""The facts with which a project meets the gate of a stage, and of those before it."""


@dataclass(frozen=True)
class Staff:
    """The ids of the people who hold the posts that Lanxi's projects can reach."""

    officer: int
    """A case officer of Lanxi: who asks."""
    owner: int
    """Another one, who owns the projects."""
    unit_leader: int
    headquarters_head: int
    special_team_lead: int
    promotion_center_head: int
    director: int
    deputy_mayor: int
    administrator: int


def found_city(session: Session, *, now: datetime) -> Staff:
    """Seed the city and give each post around Lanxi one holder."""
    seed(session, now=now)
    posts = {
        "officer": (Role.CASE_OFFICER, LANXI),
        "owner": (Role.CASE_OFFICER, LANXI),
        "unit_leader": (Role.UNIT_LEADER, LANXI),
        "headquarters_head": (Role.HEADQUARTERS_HEAD, SHANGHAI),
        "special_team_lead": (Role.SPECIAL_TEAM_LEAD, TEAM_OF_LANXI),
        "promotion_center_head": (Role.PROMOTION_CENTER_HEAD, PROMOTION_CENTER),
        "director": (Role.GENERAL_HEADQUARTERS_DIRECTOR, GENERAL_HEADQUARTERS),
        "deputy_mayor": (Role.DEPUTY_MAYOR, MUNICIPALITY),
        "administrator": (Role.ADMINISTRATOR, MUNICIPALITY),
    }
    return Staff(
        **{
            name: add_holder(session, role, place, email=f"{name}@lanxi.example")
            for name, (role, place) in posts.items()
        }
    )


def add_person(session: Session, *, active: bool = True, email: str | None = None) -> int:
    n = next(_nth)
    person = Person(
        name=f"张{n}",
        email=email or f"zhang{n}@lanxi.example",
        language="zh-Hans",
        active=active,
        sample=False,
    )
    session.add(person)
    session.flush()
    return person.id


def add_holder(session: Session, role: Role, place: str, *, email: str | None = None) -> int:
    """Add somebody who holds the post from long ago on."""
    person_id = add_person(session, email=email)
    appoint(session, person_id, role, place)
    return person_id


def appoint(
    session: Session,
    person_id: int,
    role: Role,
    place: str,
    *,
    from_day: date = LONG_AGO,
    to_day: date | None = None,
) -> None:
    post = session.scalars(select(Post).where(Post.role == role, Post.place == place)).one()
    session.add(PostHolder(post_id=post.id, person_id=person_id, from_day=from_day, to_day=to_day))
    session.flush()


def vacate(session: Session, person_id: int, *, last_day: date) -> None:
    """End whatever the person holds; the last day is still theirs."""
    for holding in session.scalars(select(PostHolder).where(PostHolder.person_id == person_id)):
        holding.to_day = last_day
    session.flush()


def delegate(
    session: Session, holder_id: int, stand_in_id: int, *, from_day: date, to_day: date
) -> None:
    session.add(
        Delegation(holder_id=holder_id, stand_in_id=stand_in_id, from_day=from_day, to_day=to_day)
    )
    session.flush()


def add_projects(
    session: Session,
    number: int,
    *,
    now: datetime,
    stage: Stage = Stage.LEAD,
    clock_from: date | None = None,
    evidence: Iterable[EvidenceKind] = (),
    **facts: Any,
) -> list[Project]:
    """Register projects of Lanxi, found by Shanghai, as an import does, today if not told."""
    today = local_day(now)
    new = [
        NewProject(
            facts={
                "name_zh": f"兰溪项目{next(_nth)}",
                "unit_code": LANXI,
                "headquarters_key": SHANGHAI,
            }
            | facts,
            stage=stage,
            origin=Origin.IMPORT,
            effective_on=PartialDate.of(today),
            clock_from=clock_from or today,
        )
        for _ in range(number)
    ]
    projects = register_projects(
        session,
        new,
        by=None,
        now=now,
        calendar=CALENDAR,
        adopted=policy_in_force(session),
    )
    for project in projects:
        prove(session, project, evidence, now=now)
    return projects


def add_project(session: Session, *, now: datetime, **detail: Any) -> Project:
    return add_projects(session, 1, now=now, **detail)[0]


def prove(
    session: Session, project: Project, kinds: Iterable[EvidenceKind], *, now: datetime
) -> None:
    """Add evidence to a project, one reference of each kind."""
    by = project.owner_id or add_person(session)
    session.add_all(
        Evidence(
            project_id=project.id,
            kind=kind,
            title=str(kind),
            reference="档案室 3-12",
            added_by_id=by,
            added_at=now,
        )
        for kind in kinds
    )
    session.flush()


PAPERS: dict[Stage, tuple[EvidenceKind, ...]] = {
    Stage.SIGNED: (EvidenceKind.CONTRACT, EvidenceKind.JOINT_REVIEW_MINUTES),
    Stage.FACTORY_LEASED: (EvidenceKind.LEASE_CONTRACT,),
    Stage.STARTED: (EvidenceKind.SITE_PROOF,),
}
"""The evidence with which a project meets the gate of a stage, whatever its amount."""


def add_ready_project(
    session: Session, staff: Staff, stage: Stage, *, now: datetime, to: Stage, **detail: Any
) -> Project:
    """Add a project of the owner's in `stage` that meets the gate of the stage `to`."""
    facts = {"owner_id": staff.owner} | READY[to] | {"evidence": PAPERS.get(to, ())} | detail
    return add_project(session, now=now, stage=stage, **facts)


def ask_to_sign(session: Session, staff: Staff, *, now: datetime, **detail: Any) -> tuple[int, int]:
    """Let the officer ask to sign a ready project; returns its id and the request's."""
    project = add_ready_project(
        session, staff, Stage.NEGOTIATION, now=now, to=Stage.SIGNED, **detail
    )
    asked = advance(session, project.id, Move.SIGN, by=staff.officer, now=now, calendar=CALENDAR)
    assert isinstance(asked, Requested)
    return project.id, asked.request_id


def adopt_instead(session: Session, rule: str, other: str, *, now: datetime) -> None:
    """Put another policy in force: the shipped one with one rule of its text replaced."""
    shipped = SHIPPED_POLICY.read_text("utf-8")
    assert rule in shipped
    text = shipped.replace(rule, other)
    Policy.parse(text, file="test")
    seal = sha256(text.encode()).hexdigest()
    session.add(PolicyVersion(name="jinhua", source=text, sha256=seal, adopted_at=now))
    session.flush()


def mails(session: Session, kind: str | None = None) -> list[tuple[str, int]]:
    """Return the mails that are owed, oldest first: the kind, and to whom."""
    owed = select(Mail.kind, Mail.person_id).where(Mail.state == MailState.QUEUED)
    if kind is not None:
        owed = owed.where(Mail.kind == kind)
    return [(kind, person) for kind, person in session.execute(owed.order_by(Mail.id))]
