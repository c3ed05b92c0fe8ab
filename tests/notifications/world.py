"""What the tests of mail stand on: a seeded city, a few rows, one example of every mail."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from db.models import (
    Approval,
    ApprovalRequest,
    FiringKind,
    Order,
    OrderNotice,
    Origin,
    Person,
    Project,
    RungFiring,
    StageVisit,
)
from db.queries.policies import policy_in_force
from notifications import outbox
from notifications.mails import (
    MAILS,
    ApprovalAsked,
    ClockRun,
    EmptyPost,
    EmptyPostsAlarm,
    FreshLink,
    Mail,
    OrderItem,
    OrdersIssued,
    ProjectName,
    RequestSettled,
    StageChanged,
)
from runtime.calendar import city_calendar
from state_machines.approvals import ApprovalState, RequestState
from state_machines.gates import RequirementKey
from state_machines.ladder import Clock, Light, RungKey
from state_machines.stages import Move, Stage

CALENDAR = city_calendar()
BASE_URL = "http://127.0.0.1:8000"
DAY = date(2026, 3, 2)
LANXI_LEADER = "unit_leader@330781"

PROJECT = ProjectName(number="JH-2026-0042", zh="年产10GWh储能电池项目", en="10 GWh battery plant")
QUESTION = {
    "project": PROJECT,
    "request_id": 7,
    "move": Move.SIGN,
    "before": Stage.NEGOTIATION,
    "after": Stage.SIGNED,
    "investment": 5_200_000_000,
    "requested_by": "王芳",
    "reason": "合同已谈妥",
    "posts": (LANXI_LEADER, "deputy_mayor@330700"),
    "on_behalf_of": "李雷",
    "waived": (RequirementKey.CONTRACT_FILE,),
    "asked_again": True,
}
ITEM = {
    "order": "DB-2026-00001",
    "project": PROJECT,
    "stage": Stage.NEGOTIATION,
    "light": Light.RED,
    "rung": RungKey.MUNICIPALITY,
    "clocks": (
        ClockRun(clock=Clock.STAGE, since=date(2025, 12, 1), spent=61),
        ClockRun(clock=Clock.SILENCE, since=date(2026, 2, 27), spent=1),
    ),
    "posts": (LANXI_LEADER,),
    "copy": False,
    "next_rung": RungKey.DEPUTY_MAYOR,
    "next_on": date(2027, 3, 1),
}


def settled(outcome: RequestState, **changes: object) -> RequestSettled:
    facts: dict[str, object] = {
        "project": PROJECT,
        "request_id": 7,
        "move": Move.SIGN,
        "outcome": outcome,
        "settled_by": "赵敏",
        "comment": "合同第三条须修改",
        "missing": (RequirementKey.CONTRACT_FILE,),
        "yours": True,
    }
    return RequestSettled(**(facts | changes))


def moved(after: Stage, reason: str | None = None) -> StageChanged:
    return StageChanged(
        project=PROJECT, move=Move.SIGN, before=Stage.NEGOTIATION, after=after, reason=reason
    )


PLAIN = {"reason": None, "on_behalf_of": None, "waived": (), "asked_again": False}
MACHINE = {"settled_by": None, "comment": None, "missing": ()}
TOP = {"next_rung": None, "next_on": None, "posts": (), "copy": True, "light": Light.YELLOW}
EXAMPLES: list[Mail] = [
    ApprovalAsked(**QUESTION),
    ApprovalAsked(**QUESTION | PLAIN | {"investment": None}),
    FreshLink(**QUESTION),
    *(
        settled(outcome, yours=yours)
        for outcome in RequestState
        if outcome is not RequestState.PENDING
        for yours in (True, False)
    ),
    settled(RequestState.SENT_BACK, **MACHINE),
    *(moved(stage, reason) for stage in Stage for reason in (None, "第一行\n第二行")),
    OrdersIssued(day=DAY, items=(OrderItem(**ITEM), OrderItem(**ITEM | TOP)), more=3),
    OrdersIssued(day=DAY, items=(OrderItem(**ITEM),)),
    EmptyPostsAlarm(day=DAY, posts=(EmptyPost(post=LANXI_LEADER, projects=2),)),
]
"""Every kind of mail, every branch of its templates."""
assert {type(each) for each in EXAMPLES} == set(MAILS.values())


def person(session: Session, name: str, **facts: object) -> Person:
    someone = Person(name=name, email=f"{name.lower()}@jinhua.example", **facts)
    session.add(someone)
    session.flush()
    return someone


def project(session: Session, number: str, now: datetime, **facts: object) -> Project:
    row = Project(
        number=number,
        origin=Origin.SAMPLE,
        created_at=now,
        name_zh=f"项目{number}",
        unit_code="330781",
        stage=Stage.NEGOTIATION,
        **facts,
    )
    session.add(row)
    session.flush()
    return row


def request(session: Session, asker: Person, *asked: Person, now: datetime) -> ApprovalRequest:
    """A pending request, with one mail owed to each person who is asked."""
    row = ApprovalRequest(
        project=project(session, f"JH-2026-{asker.id:04d}", now),
        move=Move.SIGN,
        before=Stage.NEGOTIATION,
        after=Stage.SIGNED,
        facts={},
        papers=[],
        facts_sha256="0" * 64,
        policy_version_id=policy_in_force(session).version_id,
        requested_by=asker,
        requested_at=now,
        state=RequestState.PENDING,
        approvals=[
            Approval(
                asked_role="unit_leader",
                post=LANXI_LEADER,
                person=each,
                state=ApprovalState.PENDING,
                asked_at=now,
            )
            for each in asked
        ],
    )
    session.add(row)
    session.flush()
    for each in asked:
        ask(session, row, each, ApprovalAsked, now=now)
    return row


def ask(
    session: Session,
    row: ApprovalRequest,
    asked: Person,
    kind: type[ApprovalAsked],
    *,
    now: datetime,
) -> None:
    outbox.post(
        session,
        kind(**QUESTION | {"request_id": row.id}),
        to=asked.id,
        key=f"{kind.kind}/{row.id}/{asked.id}",
        now=now,
        request_id=row.id,
    )


def owe(session: Session, reader: Person, key: str, *, now: datetime) -> None:
    """Owe a mail that asks nothing."""
    outbox.post(session, moved(Stage.SIGNED), to=reader.id, key=key, now=now)


def order(session: Session, number: str, *, rung: RungKey, now: datetime, day: date) -> Order:
    """An open order on a project of its own, overdue since `day`."""
    row = project(session, number, now, yellow_at=CALENDAR.opening(day))
    visit = StageVisit(
        project=row, stage=row.stage, entered_at=now, stage_origin=day, silence_origin=day
    )
    session.add(visit)
    session.flush()
    opened = Order(
        project=row,
        visit_id=visit.id,
        rung=rung,
        opened_at=now,
        deadline_on=CALENDAR.add(DAY, 5),
    )
    session.add(opened)
    session.flush()
    return opened


def notice(
    session: Session,
    of: Order,
    reader: Person,
    mail_id: int,
    *,
    clock: Clock = Clock.STAGE,
    rung: RungKey | None = None,
    copy: bool = False,
    now: datetime,
) -> None:
    firing = RungFiring(
        visit_id=of.visit_id,
        order_id=of.id,
        clock=clock,
        episode=1,
        rung=rung or of.rung,
        kind=FiringKind.PASSED_OVER if copy else FiringKind.FIRED,
        fired_on=DAY,
        as_of=now,
        spent=45,
    )
    session.add(firing)
    session.flush()
    session.add(
        OrderNotice(
            firing_id=firing.id,
            order_id=of.id,
            person_id=reader.id,
            post=LANXI_LEADER,
            copy=copy,
            mail_id=mail_id,
        )
    )
