"""Which rules are in force."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

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


@lru_cache(maxsize=32)
def _parsed(version_id: int, name: str, sha256: str, source: str) -> AdoptedPolicy:
    return AdoptedPolicy(version_id, Policy.parse(source, file=f"{name}#{version_id}"))


def policy_in_force(session: Session) -> AdoptedPolicy:
    """Return the policy adopted last; raises `NotFound` on a database that was never seeded."""
    newest = select(PolicyVersion).order_by(PolicyVersion.id.desc()).limit(1)
    return _read(session.scalars(newest).first(), "in force")


def policy_version(session: Session, version_id: int) -> AdoptedPolicy:
    """Return the version that a request was opened under."""
    return _read(session.get(PolicyVersion, version_id), version_id)


def policy_versions(session: Session, version_ids: Iterable[int]) -> dict[int, AdoptedPolicy]:
    """Return several versions by their ids; one statement."""
    wanted = select(PolicyVersion).where(PolicyVersion.id.in_(set(version_ids)))
    return {each.id: _read(each, each.id) for each in session.scalars(wanted)}


def _read(version: PolicyVersion | None, key: object) -> AdoptedPolicy:
    if version is None:
        raise NotFound("policy", key)
    return _parsed(version.id, version.name, version.sha256, version.source)
