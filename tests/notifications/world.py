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
    ApprovalReminder,
    AskedNoLonger,
    ClockRun,
    DecisionCode,
    EmptyPost,
    EmptyPostsAlarm,
    FactChange,
    FactsChanged,
    FreezeEnded,
    FreshLink,
    Mail,
    NobodyAnswers,
    OrderItem,
    OrdersIssued,
    ProjectFroze,
    ProjectName,
    Receipt,
    RequestSettled,
    StageChanged,
    TierCrossed,
)
from runtime.calendar import city_calendar
from state_machines.approvals import (
    Answer,
    ApprovalState,
    AskedBecause,
    NoLongerAsked,
    RequestState,
    Subject,
)
from state_machines.gates import RequirementKey
from state_machines.ladder import Clock, Light, RungKey
from state_machines.posts import Role
from state_machines.stages import Move, Stage
from state_machines.working_days import local_day

CALENDAR = city_calendar()
BASE_URL = "http://127.0.0.1:8000"
DAY = date(2026, 3, 2)
LANXI_LEADER = "unit_leader@330781"

PROJECT = ProjectName(number="JH-2026-0042", zh="年产10GWh储能电池项目", en="10 GWh battery plant")
CHANGES = tuple(
    FactChange(field=field, before=before, after=after)
    for field, before, after in (
        ("investment", 800_000_000, 5_200_000_000),
        ("planned_start", "2026-06", "2027-03-01"),
        ("funds_certified_on", None, "2026-02-20"),
        ("unit_code", "330782", "330781"),
        ("owner_id", 1, 2),
        ("manufacturing", "yes", "mixed"),
        ("needs_factory", True, False),
        ("area", 12_000, 12_500),
        ("evidence", [], ["contract", "site_proof"]),
        ("site", "一号地块", "二号地块"),
    )
)
"""One change of every kind of fact."""
QUESTION = {
    "project": PROJECT,
    "request_id": 7,
    "subject": Subject.SIGN,
    "before": Stage.NEGOTIATION,
    "after": Stage.SIGNED,
    "investment": 5_200_000_000,
    "requested_by": "王芳",
    "reason": "合同已谈妥",
    "posts": (LANXI_LEADER, "deputy_mayor@330700"),
    "because": AskedBecause.REASSIGNED,
    "answer_by": date(2026, 3, 9),
    "note": "我下周出差\n请代为把关",
    "on_behalf_of": "李雷",
    "waived": (RequirementKey.CONTRACT_FILE,),
    "asked_again": True,
    "changed": CHANGES,
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
        "subject": Subject.SIGN,
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


def of_request(kind: type[Mail], subject: Subject = Subject.SIGN, **facts: object) -> Mail:
    """A mail about a request, with the facts that all of them have."""
    return kind(project=PROJECT, request_id=7, subject=subject, **facts)


PLAIN = {"reason": None, "note": None, "on_behalf_of": None, "waived": (), "answer_by": None}
FIRST = {"because": AskedBecause.HOLDS, "asked_again": False, "changed": ()}
HOLD = {"subject": Subject.HOLD, "after": Stage.NEGOTIATION, "until": date(2026, 4, 30)}
EXTENSION = {"subject": Subject.EXTENSION, "after": Stage.NEGOTIATION, "days": 20}
MACHINE = {"settled_by": None, "comment": None, "missing": ()}
RECEIPT = {"answer": Answer.REJECT, "comment": "暂不同意", "outcome": RequestState.REJECTED}
TOP = {"next_rung": None, "next_on": None, "posts": (), "copy": True, "light": Light.YELLOW}
EXAMPLES: list[Mail] = [
    ApprovalAsked(**QUESTION),
    ApprovalAsked(**QUESTION | PLAIN | FIRST | {"investment": None}),
    *(ApprovalAsked(**QUESTION | {"because": each}) for each in AskedBecause),
    ApprovalAsked(**QUESTION | HOLD | {"then_expires": True, "changed": ()}),
    ApprovalAsked(**QUESTION | EXTENSION),
    FreshLink(**QUESTION),
    ApprovalReminder(**QUESTION),
    ApprovalReminder(**QUESTION, nudged_by="王芳"),
    *(of_request(AskedNoLonger, why=why) for why in NoLongerAsked),
    of_request(DecisionCode),
    of_request(Receipt, **RECEIPT),
    of_request(Receipt, **RECEIPT | {"comment": None, "outcome": RequestState.PENDING}),
    of_request(FactsChanged, changed_by="王芳", changes=CHANGES),
    of_request(FactsChanged, changed_by=None, changes=CHANGES[:1]),
    TierCrossed(
        project=PROJECT,
        stage=Stage.SIGNED,
        before=800_000_000,
        after=5_200_000_000,
        posts=("special_team_lead@special-team-3", "promotion_center_head@promotion-center"),
    ),
    of_request(NobodyAnswers, role=Role.SPECIAL_TEAM_LEAD),
    of_request(ProjectFroze, person="李雷"),
    *(
        of_request(FreezeEnded, annulled=annulled, ended_by="赵敏", reason="已当面核实")
        for annulled in (True, False)
    ),
    *(
        settled(outcome, yours=yours)
        for outcome in RequestState
        if outcome is not RequestState.PENDING
        for yours in (True, False)
    ),
    settled(RequestState.SENT_BACK, **MACHINE),
    settled(RequestState.APPROVED, **MACHINE, subject=Subject.HOLD, until=date(2026, 4, 30)),
    settled(RequestState.APPROVED, **MACHINE, subject=Subject.EXTENSION, days=20),
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
        subject=Subject.SIGN,
        before=Stage.NEGOTIATION,
        after=Stage.SIGNED,
        facts={},
        papers=[],
        facts_sha256="0" * 64,
        policy_version_id=policy_in_force(session).version_id,
        requested_by=asker,
        requested_at=now,
        state=RequestState.PENDING,
        written_steps=[{"asks": ["unit_leader"], "needs": "all", "veto": True}],
        persons=1,
        step=0,
        wait_origin=local_day(now),
        step_origin=local_day(now),
        approvals=[
            Approval(
                step=0,
                because=AskedBecause.HOLDS,
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


def tell(session: Session, row: ApprovalRequest, reader: Person, mail: Mail, now: datetime) -> None:
    """Owe somebody a mail about a request."""
    outbox.post(
        session,
        mail,
        to=reader.id,
        key=f"{mail.kind}/{row.id}/{reader.id}/{now.isoformat()}",
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
