"""Adopt a policy: from now on the city goes by it, and every clock with it."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.inserts import insert_rows
from db.models import AuditEntry, Order, PolicyVersion, Project
from db.queries.policies import policy_in_force
from db.trail import entry
from state_machines.policy import Policy
from state_machines.working_days import WorkCalendar, local_day
from use_cases.access import refuse_all_but_administrators
from use_cases.importing.numbers import take_the_lock
from use_cases.rewind import Chunk, Rewound, first_day_after, rewound


@dataclass(frozen=True)
class Effects:
    """What adopting a policy does to the stored due instants, in numbers of projects."""

    projects: int
    """Looked at: all there are."""
    changed: int
    """Of which anything stored changes: next rung, light or order's deadline."""
    earlier: int
    """Whose next rung comes earlier than it did; `later` likewise."""
    later: int
    appeared: int
    """That had no rung to come, and have one now."""
    vanished: int
    held_back: int
    """That would be due at once, and are not before `not_before`."""
    not_before: date
    """The second working day after the adoption."""


@dataclass(frozen=True)
class Adopted:
    version_id: int
    effects: Effects


def is_in_force(session: Session, source: str) -> bool:
    """Say whether this very text was adopted last; one statement."""
    return _newest(session).source == source


def preview_adoption(
    session: Session, policy: Policy, *, now: datetime, calendar: WorkCalendar
) -> Effects:
    """Return what adopting a policy now would do; writes and locks nothing."""
    today = local_day(now)
    old = policy_in_force(session).policy
    chunks = rewound(session, old, policy, today=today, calendar=calendar, lock=False)
    return _counted(chunks, first_day_after(today, calendar))


def adopt_policy(
    session: Session, source: str, *, file: str, by: int, now: datetime, calendar: WorkCalendar
) -> Adopted | None:
    """Store a new version of the rules and wind every clock by it, all in this transaction.

    What has fired stands. What becomes due at once waits until the second working day after.
    Pending requests keep the version that they were opened under. Each project of which anything
    stored changes has that in its trail. Returns None, and changes nothing, where the same text is
    in force already.

    Safe against edits, moves, sweeps and imports at once: they go by one version or the other, and
    every instant that they store is wound again here or was stored under this version. The number
    of statements grows with chunks of projects, not with projects; memory with neither. Raises
    `NotAllowed` for anybody but an administrator, and `PolicyInvalid`.
    """
    session.flush()
    # First of all, as imports do: projects that are just coming in are wound here as well.
    take_the_lock(session, now=now)
    refuse_all_but_administrators(session, "adopt_policy", by=by, now=now)
    today = local_day(now)
    policy = Policy.parse(source, file=file)
    newest = _newest(session)
    if newest.source == source:
        return None
    old = policy_in_force(session).policy
    version = PolicyVersion(
        name=policy.name,
        source=source,
        sha256=hashlib.sha256(f"{newest.sha256}\n{source}".encode()).hexdigest(),
        adopted_at=now,
        adopted_by_id=by,
    )
    session.add(version)
    session.flush()

    def written() -> Iterable[Chunk]:
        for chunk in rewound(session, old, policy, today=today, calendar=calendar, lock=True):
            _write(session, chunk, version.id, by=by, now=now)
            yield chunk

    effects = _counted(written(), first_day_after(today, calendar))
    version.effects = asdict(effects) | {"not_before": effects.not_before.isoformat()}
    session.flush()
    return Adopted(version.id, effects)


def _newest(session: Session) -> PolicyVersion:
    return session.scalars(select(PolicyVersion).order_by(PolicyVersion.id.desc()).limit(1)).one()


_STORED = (
    *("id", "next_rung_at", "yellow_at", "red_at", "rungs_not_before"),
    *("audit_seq", "audit_hash"),
)


def _write(session: Session, chunk: Chunk, version_id: int, *, by: int, now: datetime) -> None:
    """Write a chunk's new instants and the trail of them; three statements."""
    if not chunk.rewound:
        return
    trail = [_audited(each, version_id, by=by, now=now) for each in chunk.rewound]
    insert_rows(session, AuditEntry, trail)
    session.execute(
        update(Project),
        [{name: getattr(each.project, name) for name in _STORED} for each in chunk.rewound],
    )
    orders = [each.order for each in chunk.rewound if each.order is not None]
    if orders:
        session.execute(
            update(Order), [{"id": each.id, "deadline_on": each.deadline_on} for each in orders]
        )


def _audited(each: Rewound, version_id: int, *, by: int, now: datetime) -> dict[str, Any]:
    changed = {
        name: [_written(before), _written(getattr(each.after, name))]
        for name, before in asdict(each.before).items()
        if before != getattr(each.after, name)
    }
    not_before = _written(each.project.rungs_not_before) if each.held_back else None
    details = {"version": version_id, "changed": changed, "not_before": not_before}
    return entry(each.project, "policy_adopted", by=by, now=now, details=details)


def _written(when: date | None) -> str | None:
    return when.isoformat() if when else None


def _counted(chunks: Iterable[Chunk], not_before: date) -> Effects:
    looked_at, counts = 0, Counter[str]()
    for chunk in chunks:
        looked_at += chunk.looked_at
        counts["changed"] += len(chunk.rewound)
        counts["held_back"] += sum(each.held_back for each in chunk.rewound)
        counts.update(_direction(each) for each in chunk.rewound)
    return Effects(
        projects=looked_at,
        changed=counts["changed"],
        earlier=counts["earlier"],
        later=counts["later"],
        appeared=counts["appeared"],
        vanished=counts["vanished"],
        held_back=counts["held_back"],
        not_before=not_before,
    )


def _direction(each: Rewound) -> str:
    before, after = each.before.next_rung_at, each.after.next_rung_at
    if before == after:
        return "same"
    if before is None or after is None:
        return "vanished" if after is None else "appeared"
    return "earlier" if after < before else "later"
