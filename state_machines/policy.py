"""The city's rules as one typed, frozen value, read from `policies/*.toml`."""

import tomllib
from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from state_machines.errors import PolicyInvalid
from state_machines.facts import FACT_NAMES, ProjectFacts
from state_machines.gates import Gate
from state_machines.ladder import Clock, Ladder
from state_machines.posts import Role
from state_machines.stages import CLOCKED, Move, Stage

EVERY_TIER = "every_tier"
LIKE = "like"


Days = Annotated[int, Field(gt=0)]
Yuan = Annotated[int, Field(ge=0)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Contradiction(ValueError):
    """What no single key can be blamed for by its type alone."""

    def __init__(self, key: str, expected: str) -> None:
        super().__init__(f"{key}: {expected}")
        self.key, self.expected = key, expected


class Tier(_Frozen):
    """A range of investment, from an amount (whole CNY yuan, included) to where the next begins."""

    key: str
    from_yuan: Yuan


class Override(_Frozen):
    approvers: tuple[Role, ...] = Field(min_length=1)


class Clocks(_Frozen):
    """Budgets in working days."""

    stages: dict[Stage, Days]
    silence: Days
    priority_share: tuple[Days, Days]

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
    major_from_yuan: Yuan
    link_days: Days

    @model_validator(mode="before")
    @classmethod
    def _spell_out_likenesses(cls, raw: Any) -> Any:
        """Replace `like = "sign"` by what sign says, so that a rule never has to follow it."""
        table = raw.get("approvals") if isinstance(raw, dict) else None
        if not isinstance(table, dict):
            return raw
        spelled = {}
        for move, tiers in table.items():
            model = tiers.get(LIKE) if isinstance(tiers, dict) else None
            spelled[move] = said = tiers if model is None else table.get(str(model))
            if not isinstance(said, dict) or (model and LIKE in said):
                expected = "a move of the approvals that names its tiers itself"
                raise _Contradiction(f"approvals.{move}.{LIKE}", f"{expected}, not {model!r}")
        return {**raw, "approvals": spelled}

    @model_validator(mode="after")
    def _hangs_together(self) -> "Policy":
        for key, expected in self._contradictions():
            raise _Contradiction(key, expected)
        return self

    def _contradictions(self) -> Iterator[tuple[str, str]]:
        starts = [tier.from_yuan for tier in self.tiers]
        if not starts or starts[0] != 0 or starts != sorted(set(starts)):
            yield "tiers", "must begin at from_yuan = 0 and rise"
        keys = {tier.key for tier in self.tiers}
        if len(keys) < len(self.tiers):
            yield "tiers", "each key once"
        for move, tiers in self.approvals.items():
            if set(tiers) not in ({EVERY_TIER}, keys):
                yield f"approvals.{move}", f"name every tier once, or {EVERY_TIER} alone"
        if unknown := self.material_facts - set(FACT_NAMES):
            yield "material_facts", f"no such fact: {', '.join(sorted(unknown))}"
        if odd := set(CLOCKED) ^ set(self.clocks.stages):
            expected = f"the stages in which time runs: {', '.join(CLOCKED)}"
            yield "clocks.stages", f"{expected}; look at {', '.join(sorted(odd))}"
        share, whole = self.clocks.priority_share
        if share > whole:
            yield "clocks.priority_share", "no more than the whole"
        rungs = [rung.key for rung in self.ladder.rungs]
        if not rungs or len(rungs) != len(set(rungs)):
            yield "ladder.rungs", "each rung once, and at least one"
        if self.ladder.red_at not in rungs:
            yield "ladder.red_at", f"one of {', '.join(rungs)}"
        # A rung that waits would otherwise be overtaken by the one above it.
        waiting = [rung.key for rung in self.ladder.rungs if rung.only_after_told]
        if waiting and waiting != rungs[1:][-1:]:
            yield "ladder.rungs", "only_after_told is for the last rung, above another"

    @classmethod
    def parse(cls, text: str, *, file: str) -> "Policy":
        """Read a policy from TOML; raises `PolicyInvalid` naming file, key and expectation."""
        try:
            return cls.model_validate(tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            raise PolicyInvalid(file, "TOML", str(error)) from error
        except ValidationError as error:
            first = error.errors()[0]
            match first.get("ctx", {}).get("error"):
                case _Contradiction() as found:
                    raise PolicyInvalid(file, found.key, found.expected) from error
            key = ".".join(str(part) for part in first["loc"])
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
