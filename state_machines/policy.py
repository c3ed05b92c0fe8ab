"""The city's rules as one typed, frozen value, read from `policies/*.toml`."""

import tomllib
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from state_machines.approvals import PAUSES, Subject
from state_machines.deadlines import Deadlines
from state_machines.errors import PolicyInvalid
from state_machines.facts import FACT_NAMES, ProjectFacts
from state_machines.gates import Gate
from state_machines.ladder import Clock, Ladder
from state_machines.policy_faults import Contradiction, Fault, fault_of_toml, faults_of_values
from state_machines.posts import Role
from state_machines.stages import CLOCKED, Stage
from state_machines.steps import Quorum, Step, WrittenStep

EVERY_TIER = "every_tier"
LIKE = "like"


Days = Annotated[int, Field(gt=0)]
Yuan = Annotated[int, Field(ge=0)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Tier(_Frozen):
    """A range of investment, from an amount (whole CNY yuan, included) to where the next begins."""

    key: str
    from_yuan: Yuan


class Override(_Frozen):
    steps: tuple[WrittenStep, ...] = Field(min_length=1)


class Pauses(_Frozen):
    """How much more time a project may be given in one calendar year."""

    extensions: Annotated[int, Field(ge=0)] = 2
    hold_days: Annotated[int, Field(ge=0)] = 60
    """Working days."""


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
    approvals: dict[Subject, dict[str, tuple[WrittenStep, ...]]]
    override: Override
    two_persons_from_yuan: Yuan = 1_000_000_000
    """From here on two distinct persons must agree to whatever the tier decides."""
    step_up_from_yuan: Yuan = 5_000_000_000
    """From here on a link alone decides nothing: a code is asked besides."""
    deadlines: Deadlines = Deadlines()
    pauses: Pauses = Pauses()
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
            if model is not None and len(tiers) > 1:
                raise Contradiction(Fault(f"approvals.{move}", "like alone"))
            spelled[move] = said = tiers if model is None else table.get(str(model))
            if not isinstance(said, dict) or (model and LIKE in said):
                raise Contradiction(Fault(f"approvals.{move}.{LIKE}", "a move with tiers"))
        # Who grants a project more time, where an older file does not say it.
        default = {each.value: {EVERY_TIER: [Role.UNIT_LEADER]} for each in PAUSES}
        return {**raw, "approvals": default | spelled}

    @model_validator(mode="before")
    @classmethod
    def _take_older_files(cls, raw: Any) -> Any:
        """An override used to name posts, each a step of its own; adopted versions still do."""
        override = raw.get("override") if isinstance(raw, dict) else None
        if isinstance(override, dict) and set(override) == {"approvers"}:
            return {**raw, "override": {"steps": override["approvers"]}}
        return raw

    @model_validator(mode="after")
    def _hangs_together(self) -> "Policy":
        if faults := tuple(self._contradictions()):
            raise Contradiction(*faults)
        return self

    def _contradictions(self) -> Iterator[Fault]:
        starts = [tier.from_yuan for tier in self.tiers]
        if not starts or starts[0] != 0 or starts != sorted(set(starts)):
            yield Fault("tiers", "rising from 0")
        keys = [tier.key for tier in self.tiers]
        if len(set(keys)) < len(keys):
            yield Fault("tiers", "each once")
        yield from self._contradictions_of_approvals(keys)
        if unknown := self.material_facts - set(FACT_NAMES):
            yield Fault("material_facts", "facts", {"unknown": tuple(sorted(unknown))})
        if set(CLOCKED) != set(self.clocks.stages):
            yield Fault("clocks.stages", "each of these", {"choices": CLOCKED})
        share, whole = self.clocks.priority_share
        if share > whole:
            yield Fault("clocks.priority_share", "no more than the whole")
        rungs = [rung.key for rung in self.ladder.rungs]
        if not rungs or len(rungs) != len(set(rungs)):
            yield Fault("ladder.rungs", "each once")
        if self.ladder.red_at not in rungs:
            yield Fault("ladder.red_at", "one of", {"choices": tuple(rungs)})
        # A rung that waits would otherwise be overtaken by the one above it.
        waiting = [rung.key for rung in self.ladder.rungs if rung.only_after_told]
        if waiting and waiting != rungs[1:][-1:]:
            yield Fault("ladder.rungs", "only the last waits")

    def _contradictions_of_approvals(self, tier_keys: list[str]) -> Iterator[Fault]:
        for subject, tiers in self.approvals.items():
            if set(tiers) not in ({EVERY_TIER}, set(tier_keys)):
                yield Fault(f"approvals.{subject}", "every tier", {"choices": tuple(tier_keys)})
            yield from _impossible_steps(f"approvals.{subject}", tiers)
        for pause in PAUSES:
            if not all(self.approvals[pause].values()):
                yield Fault(f"approvals.{pause}", "a step")
        yield from _impossible_steps("override", {"steps": self.override.steps})
        if self.deadlines.step >= self.deadlines.request:
            most = self.deadlines.request - 1
            yield Fault("deadlines.step", "a number up to", {"most": most})

    @classmethod
    def parse(cls, text: str, *, file: str) -> "Policy":
        """Read a policy from TOML; raises `PolicyInvalid` naming all that is wrong with it."""
        try:
            said = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise PolicyInvalid(file, [fault_of_toml(error)]) from error
        try:
            return cls.model_validate(said)
        except ValidationError as error:
            raise PolicyInvalid(file, faults_of_values(error, said)) from error

    def tier(self, investment: int | None) -> Tier:
        """Return the tier of an investment; an unknown investment is of the lowest."""
        amount = investment or 0
        return next(tier for tier in reversed(self.tiers) if tier.from_yuan <= amount)

    def steps(
        self, subject: Subject, investment: int | None, *, override: bool = False
    ) -> tuple[Step, ...]:
        """Return whose agreement something needs, step by step; empty if nobody's.

        An override asks its own posts last, but for those that must agree anyway.
        """
        tiers = self.approvals.get(subject, {})
        steps = tiers.get(EVERY_TIER) or tiers.get(self.tier(investment).key, ())
        if not override:
            return steps
        asked = {role for step in steps if step.needs is Quorum.ALL for role in step.asks}
        return (*steps, *(each for each in self.override.steps if not asked.issuperset(each.asks)))

    def persons(self, subject: Subject, investment: int | None) -> int:
        """Return how many distinct persons must agree besides the requester.

        What every tier decides alike needs only a second person, whatever the amount.
        """
        large = (investment or 0) >= self.two_persons_from_yuan
        return 2 if large and self.decides_by_tier(subject) else 1

    def decides_by_tier(self, subject: Subject) -> bool:
        return EVERY_TIER not in self.approvals.get(subject, {EVERY_TIER: ()})

    def needs_code(self, investment: int | None) -> bool:
        return (investment or 0) >= self.step_up_from_yuan

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


def _impossible_steps(key: str, steps_by_tier: Mapping[str, tuple[Step, ...]]) -> Iterator[Fault]:
    for tier, steps in steps_by_tier.items():
        for number, step in enumerate(steps, 1):
            where = f"{key}.{tier}.{number}"
            if len(step.asks) != len(set(step.asks)):
                yield Fault(f"{where}.asks", "each once")
            if step.fewest > len(step.asks):
                yield Fault(f"{where}.needs", "a number up to", {"most": len(step.asks)})
