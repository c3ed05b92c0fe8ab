"""What can change from one policy to another."""

from dataclasses import dataclass

from state_machines.approvals import Subject
from state_machines.gates import RequirementKey
from state_machines.ladder import Rung, RungKey
from state_machines.posts import Role
from state_machines.stages import Stage
from state_machines.steps import Step

Setting = int | str | tuple[int, ...]


@dataclass(frozen=True)
class Change:
    """One difference between two policies."""


@dataclass(frozen=True)
class SettingChanged(Change):
    """A value that has a key of its own."""

    key: str
    before: Setting
    after: Setting


@dataclass(frozen=True)
class ListChanged(Change):
    """A list in which order means nothing."""

    key: str
    added: tuple[str, ...]
    dropped: tuple[str, ...]


@dataclass(frozen=True)
class TiersChanged(Change):
    """The amounts from which tiers begin; what a tier is called means nothing."""

    before: tuple[int, ...]
    after: tuple[int, ...]


@dataclass(frozen=True)
class StepsChanged(Change):
    """Who must agree to the same things, for investments from an amount to below another."""

    subjects: tuple[Subject, ...]
    from_yuan: int
    below_yuan: int | None
    before: tuple[Step, ...]
    after: tuple[Step, ...]


@dataclass(frozen=True)
class TiersDecideChanged(Change):
    """Whether tiers decide about a move: only then can an amount call for two persons."""

    subject: Subject
    decide: bool


@dataclass(frozen=True)
class OverrideChanged(Change):
    before: tuple[Step, ...]
    after: tuple[Step, ...]


@dataclass(frozen=True)
class SuperiorChanged(Change):
    role: Role
    before: Role | None
    after: Role | None


@dataclass(frozen=True)
class GateChanged(Change):
    """What a stage asks: always, from an amount up, or coming from another stage."""

    stage: Stage
    from_yuan: int | None
    coming_from: Stage | None
    added: tuple[RequirementKey, ...]
    dropped: tuple[RequirementKey, ...]


@dataclass(frozen=True)
class RungChanged(Change):
    """A rung that is new, gone or different; its place counts from 1, the lowest."""

    rung: RungKey
    before: Rung | None
    after: Rung | None
    place_before: int | None
    place_after: int | None
