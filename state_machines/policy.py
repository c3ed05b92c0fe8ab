"""The city's rules as one typed, frozen value, read from `policies/*.toml`."""

import tomllib
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from state_machines.errors import PolicyInvalid
from state_machines.facts import FACT_NAMES, ProjectFacts
from state_machines.gates import Gate
from state_machines.ladder import Clock, Ladder
from state_machines.posts import Role
from state_machines.stages import CLOCKED, Move, Stage

EVERY_TIER = "every_tier"
LIKE = "like"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Tier(_Frozen):
    """A range of investment, from an amount (whole CNY yuan, included) to where the next begins."""

    key: str
    from_yuan: int


class Override(_Frozen):
    approvers: tuple[Role, ...]


class Clocks(_Frozen):
    """Budgets in working days."""

    stages: dict[Stage, int]
    silence: int
    priority_share: tuple[int, int]

    def budget(self, clock: Clock, stage: Stage, *, priority: bool) -> int:
        """Return the working days a clock allows; a part of a day counts as a whole one."""
        days = self.silence if clock is Clock.SILENCE else self.stages[stage]
        share, whole = self.priority_share if priority else (1, 1)
        return -(-days * share // whole)


class Policy(_Frozen):
    """Gates, approval tiers, clocks and ladder. A request keeps the version it was opened under."""

    name: str
    tiers: tuple[Tier, ...]
    approvals: dict[Move, dict[str, tuple[Role, ...]]]
    override: Override
    superiors: dict[Role, Role]
    gates: dict[Stage, Gate]
    clocks: Clocks
    ladder: Ladder
    material_facts: frozenset[str]
    leading_industries: tuple[str, ...]
    major_from_yuan: int
    link_days: int

    @model_validator(mode="before")
    @classmethod
    def _spell_out_likenesses(cls, raw: Any) -> Any:
        """Replace `like = "sign"` by what sign says, so that a rule never has to follow it."""
        table = raw.get("approvals") if isinstance(raw, dict) else None
        if not isinstance(table, dict):
            return raw
        for move, tiers in table.items():
            if isinstance(tiers, dict) and (model := tiers.get(LIKE)) not in table | {None: 0}:
                raise ValueError(f"approvals.{move}.like: no move {model!r} among the approvals")
        spelled = {
            move: table[tiers[LIKE]] if isinstance(tiers, dict) and LIKE in tiers else tiers
            for move, tiers in table.items()
        }
        return {**raw, "approvals": spelled}

    @model_validator(mode="after")
    def _hangs_together(self) -> "Policy":
        starts = [tier.from_yuan for tier in self.tiers]
        if not starts or starts[0] != 0 or starts != sorted(set(starts)):
            raise ValueError("tiers: must begin at from_yuan = 0 and rise")
        keys = {tier.key for tier in self.tiers}
        for move, tiers in self.approvals.items():
            if set(tiers) not in ({EVERY_TIER}, keys):
                raise ValueError(f"approvals.{move}: name every tier once, or {EVERY_TIER} alone")
        if unknown := self.material_facts - set(FACT_NAMES):
            raise ValueError(f"material_facts: no such fact: {', '.join(sorted(unknown))}")
        if missing := set(CLOCKED) - set(self.clocks.stages):
            raise ValueError(f"clocks.stages: missing {', '.join(sorted(missing))}")
        rungs = [rung.key for rung in self.ladder.rungs]
        if not rungs or len(rungs) != len(set(rungs)) or self.ladder.red_at not in rungs:
            raise ValueError("ladder: each rung once, and red_at one of them")
        return self

    @classmethod
    def parse(cls, text: str, *, file: str) -> "Policy":
        """Read a policy from TOML; raises `PolicyInvalid` naming file, key and expectation."""
        try:
            return cls.model_validate(tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            raise PolicyInvalid(file, "TOML", str(error)) from error
        except ValidationError as error:
            first = error.errors()[0]
            key = ".".join(str(part) for part in first["loc"]) or "policy"
            raise PolicyInvalid(file, key, first["msg"]) from error

    def tier(self, investment: int | None) -> Tier:
        """Return the tier of an investment; an unknown investment is of the lowest."""
        amount = investment or 0
        return next(tier for tier in reversed(self.tiers) if tier.from_yuan <= amount)

    def approvers(
        self, move: Move, investment: int | None, *, override: bool = False
    ) -> tuple[Role, ...]:
        """Return whose agreement a move needs, each role once; empty if nobody's."""
        tiers = self.approvals.get(move, {})
        roles = tiers.get(EVERY_TIER) or tiers.get(self.tier(investment).key, ())
        return tuple(dict.fromkeys([*roles, *(self.override.approvers if override else ())]))

    def is_material(self, before: ProjectFacts, after: ProjectFacts) -> bool:
        """Say whether what was asked is no longer what would be approved.

        Investment counts when it rises or crosses a tier.
        """
        changed = {name for name in self.material_facts if _differ(name, before, after)}
        if "investment" in changed and not self._investment_matters(before, after):
            changed.remove("investment")
        return bool(changed)

    def _investment_matters(self, before: ProjectFacts, after: ProjectFacts) -> bool:
        rises = (after.investment or 0) > (before.investment or 0)
        return rises or self.tier(before.investment) != self.tier(after.investment)

    def is_priority(self, facts: ProjectFacts) -> bool:
        """Major projects and leading industries come first: their clocks run shorter."""
        industry = (facts.industry or "").casefold()
        leading = any(word.casefold() in industry for word in self.leading_industries)
        return leading or self.is_major(facts)

    def is_major(self, facts: ProjectFacts) -> bool:
        return facts.marked_major or (facts.investment or 0) >= self.major_from_yuan


def _differ(name: str, before: ProjectFacts, after: ProjectFacts) -> bool:
    return bool(getattr(before, name) != getattr(after, name))
