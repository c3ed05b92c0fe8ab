"""Projects as `luodi project list` and `show` print them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from cli.printing import name_of
from db.models import ApprovalRequest, Order, Project, StageChange
from db.queries.lights import light_of
from db.queries.policies import policy_in_force
from db.queries.projects import facts_of, project_id_of
from state_machines.approvals import RequestState
from state_machines.facts import ProjectFacts
from state_machines.gates import RequirementKey, missing
from state_machines.ladder import Light
from state_machines.stages import FORWARD, STAGES, Move, Stage
from state_machines.working_days import CITY_TIME, local_day
from words.days import moment, partial
from words.labels import label, light_shape
from words.money import amount
from words.refusals import listed
from words.translations import gettext


@dataclass(frozen=True)
class Line:
    """A project in a list, with its light; none where no time runs."""

    project: Project
    light: Light | None


def lines(session: Session, unit: str | None, stage: Stage | None, *, now: datetime) -> list[Line]:
    """Return projects by number, those of a unit or a stage if one is named."""
    wanted = (
        select(Project)
        .order_by(Project.number)
        .options(joinedload(Project.unit), joinedload(Project.owner))
    )
    if unit:
        wanted = wanted.where(Project.unit_code == unit)
    if stage:
        wanted = wanted.where(Project.stage == stage)
    return [Line(each, light_of(each, now=now)) for each in session.scalars(wanted)]


def line_as_json(line: Line) -> dict[str, Any]:
    project = line.project
    return {
        "number": project.number,
        "name_zh": project.name_zh,
        "name_en": project.name_en,
        "unit": project.unit_code,
        "stage": project.stage,
        "light": line.light,
        "investment": project.investment,
        "owner": project.owner.email if project.owner else None,
    }


@dataclass(frozen=True)
class Seen:
    """One project with all that `show` prints."""

    line: Line
    facts: ProjectFacts
    missing: dict[Move, tuple[RequirementKey, ...]]
    """What each move on still lacks, by the rules in force."""
    history: Sequence[StageChange]
    request: ApprovalRequest | None
    order: Order | None


def seen(session: Session, number: str, *, now: datetime) -> Seen:
    """Return the project with this number; raises `NotFound`."""
    project = session.get_one(Project, project_id_of(session, number))
    facts = facts_of(session, project)
    gates = policy_in_force(session).policy.gates
    return Seen(
        line=Line(project, light_of(project, now=now)),
        facts=facts,
        missing={
            move: missing(gates.get(after), facts, coming_from=project.stage, on=local_day(now))
            for move, after in _ways_on(project.stage)
        },
        history=session.scalars(
            select(StageChange)
            .where(StageChange.project_id == project.id)
            .order_by(StageChange.seq)
            .options(joinedload(StageChange.by))
        ).all(),
        request=session.scalars(
            select(ApprovalRequest).where(
                ApprovalRequest.project_id == project.id,
                ApprovalRequest.state == RequestState.PENDING,
            )
        ).first(),
        order=session.scalars(
            select(Order).where(Order.project_id == project.id, Order.closed_at.is_(None))
        ).first(),
    )


def as_json(seen: Seen) -> dict[str, Any]:
    due = seen.line.project.next_rung_at
    return line_as_json(seen.line) | {
        "facts": seen.facts.as_json(),
        "missing": {move: list(keys) for move, keys in seen.missing.items()},
        "next_rung_at": due.astimezone(CITY_TIME).isoformat() if due else None,
        "request": seen.request.id if seen.request else None,
        "order": seen.order.rung if seen.order else None,
        "history": [
            {
                "move": each.move,
                "before": each.before,
                "after": each.after,
                "by": each.by.email if each.by else None,
                "effective_on": str(each.effective_on),
                "recorded_at": each.recorded_at.isoformat(),
                "reason": each.reason,
                "waived": each.waived,
            }
            for each in seen.history
        ],
    }


def as_text(seen: Seen) -> str:
    return "\n".join(_said(seen))


def _said(seen: Seen) -> Iterator[str]:
    project, light = seen.line.project, seen.line.light
    yield f"{project.number}  {name_of(project)}"
    yield gettext("Unit: %(unit)s", unit=name_of(project.unit))
    yield gettext("Stage: %(stage)s", stage=label(project.stage))
    if light:
        yield gettext("Light: %(light)s", light=f"{light_shape(light)} {label(light)}")
    yield gettext("Investment: %(amount)s", amount=amount(project.investment))
    owner = project.owner.name if project.owner else gettext("nobody")
    yield gettext("Owner: %(owner)s", owner=owner)
    for move, lacking in seen.missing.items():
        said = listed(map(label, lacking)) or gettext("nothing")
        yield gettext("Missing for “%(move)s”: %(missing)s", move=label(move), missing=said)
    if seen.request:
        yield gettext(
            "Waits for approval: “%(move)s”, request %(request)d",
            move=label(seen.request.subject),
            request=seen.request.id,
        )
    if seen.order:
        yield gettext("Under a supervision order: %(rung)s", rung=label(seen.order.rung))
    if project.next_rung_at:
        yield gettext("Escalates next: %(due)s", due=moment(project.next_rung_at))
    yield gettext("History:")
    for each in seen.history:
        what = label(each.move) if each.move else gettext("Registered")
        who = each.by.name if each.by else gettext("Luodi")
        yield f"  {partial(each.effective_on)}  {what} → {label(each.after)}  {who}"


def _ways_on(stage: Stage) -> list[tuple[Move, Stage]]:
    return [
        (move, after) for before, move, after in STAGES.moves if before is stage and move in FORWARD
    ]
