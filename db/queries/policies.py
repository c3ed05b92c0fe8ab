"""Which rules are in force."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import PolicyVersion
from state_machines.errors import NotFound
from state_machines.policy import Policy


@dataclass(frozen=True)
class AdoptedPolicy:
    """A policy with the id of the version that it is."""

    version_id: int
    policy: Policy


_PARSED: dict[tuple[int, str], AdoptedPolicy] = {}
"""By id and seal. A version never changes, so each text is read and parsed once in a process."""


def policy_in_force(session: Session) -> AdoptedPolicy:
    """Return the policy adopted last; raises `NotFound` on a database that was never seeded."""
    newest = _SEALS.order_by(PolicyVersion.id.desc()).limit(1)
    found = session.execute(newest).first()
    if found is None:
        raise NotFound("policy", "in force")
    return sealed_policy(session, *found)


def policy_version(session: Session, version_id: int) -> AdoptedPolicy:
    """Return the version that a request was opened under."""
    found = session.execute(_SEALS.where(PolicyVersion.id == version_id)).first()
    if found is None:
        raise NotFound("policy", version_id)
    return sealed_policy(session, *found)


def policy_versions(session: Session, version_ids: Iterable[int]) -> dict[int, AdoptedPolicy]:
    """Return several versions by their ids; one statement."""
    wanted = _SEALS.where(PolicyVersion.id.in_(set(version_ids)))
    found = session.execute(wanted).all()
    return {version_id: sealed_policy(session, version_id, seal) for version_id, seal in found}


def sealed_policy(session: Session, version_id: int, sha256: str) -> AdoptedPolicy:
    """Return the version with this id and seal; no statement once it was read in this process."""
    known = _PARSED.get((version_id, sha256))
    if known is None:
        version = session.get_one(PolicyVersion, version_id)
        policy = Policy.parse(version.source, file=f"{version.name}#{version_id}")
        known = _PARSED[version_id, sha256] = AdoptedPolicy(version_id, policy)
    return known


_SEALS = select(PolicyVersion.id, PolicyVersion.sha256)
