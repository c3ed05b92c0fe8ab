"""What changes from one policy to another, by what it means rather than by how it is written."""

from collections.abc import Iterator, Mapping, Sequence

from pydantic import BaseModel

from state_machines.approvals import Subject
from state_machines.gates import Gate, RequirementKey
from state_machines.ladder import Rung
from state_machines.policy import Policy, Tier
from state_machines.policy_changes import (
    Change,
    GateChanged,
    ListChanged,
    OverrideChanged,
    RungChanged,
    Setting,
    SettingChanged,
    StepsChanged,
    SuperiorChanged,
    TiersChanged,
    TiersDecideChanged,
)
from state_machines.posts import Role
from state_machines.stages import Stage
from state_machines.steps import Step


def changes(before: Policy, after: Policy) -> tuple[Change, ...]:
    """Return what differs; empty if two files, however written, mean the same."""
    return (
        *_settings(before, after),
        *_lists(before, after),
        *_tiers(before.tiers, after.tiers),
        *_steps(before, after),
        *_superiors(before.superiors, after.superiors),
        *_gates(before.gates, after.gates),
        *_rungs(before.ladder.rungs, after.ladder.rungs),
    )


_TABLES = ("deadlines", "pauses", "clocks", "ladder")
_SETTINGS = (
    *("name", "major_from_yuan", "two_persons_from_yuan", "step_up_from_yuan", "link_days"),
)
_LISTS = ("material_facts", "leading_industries")


def _settings(before: Policy, after: Policy) -> Iterator[Change]:
    old, new = _flat(before), _flat(after)
    for key in old:
        if old[key] != new[key]:
            yield SettingChanged(key, old[key], new[key])


def _flat(policy: Policy) -> dict[str, Setting]:
    """Return every value that has a key of its own, by that key."""
    flat: dict[str, Setting] = {name: getattr(policy, name) for name in _SETTINGS}
    for name in _TABLES:
        table: BaseModel = getattr(policy, name)
        for key in type(table).model_fields:
            value = getattr(table, key)
            if isinstance(value, Mapping):
                flat |= {f"{name}.{key}.{each}": days for each, days in value.items()}
            elif key != "rungs":
                flat[f"{name}.{key}"] = value
    return flat


def _lists(before: Policy, after: Policy) -> Iterator[Change]:
    for key in _LISTS:
        old, new = sorted(getattr(before, key)), sorted(getattr(after, key))
        if {*old} != {*new}:
            yield ListChanged(key, _without(new, old), _without(old, new))


def _without(some: Sequence[str], others: Sequence[str]) -> tuple[str, ...]:
    return tuple(each for each in some if each not in others)


def _tiers(before: Sequence[Tier], after: Sequence[Tier]) -> Iterator[Change]:
    old, new = (tuple(tier.from_yuan for tier in tiers) for tiers in (before, after))
    if old != new:
        yield TiersChanged(old, new)


def _steps(before: Policy, after: Policy) -> Iterator[Change]:
    """Compare range by range of investment, as tiers may have moved; what changes alike, once."""
    starts = sorted({tier.from_yuan for tier in (*before.tiers, *after.tiers)})
    alike: dict[tuple[int, int | None, tuple[Step, ...], tuple[Step, ...]], list[Subject]] = {}
    for subject in Subject:
        for change in _by_range(subject, starts, before, after):
            alike.setdefault(change, []).append(subject)
    for (start, end, old, new), subjects in alike.items():
        yield StepsChanged(tuple(subjects), start, end, old, new)
    for subject in Subject:
        if before.decides_by_tier(subject) is not after.decides_by_tier(subject):
            yield TiersDecideChanged(subject, after.decides_by_tier(subject))
    if before.override != after.override:
        yield OverrideChanged(before.override.steps, after.override.steps)


def _by_range(
    subject: Subject, starts: Sequence[int], before: Policy, after: Policy
) -> Iterator[tuple[int, int | None, tuple[Step, ...], tuple[Step, ...]]]:
    """Yield the ranges in which something changes, those side by side that change alike as one."""
    found = [(at, before.steps(subject, at), after.steps(subject, at)) for at in starts]
    begun = [n for n, each in enumerate(found) if n == 0 or each[1:] != found[n - 1][1:]]
    for n, following in zip(begun, [*begun[1:], None], strict=True):
        start, old, new = found[n]
        if old != new:
            yield start, None if following is None else found[following][0], old, new


def _superiors(before: Mapping[Role, Role], after: Mapping[Role, Role]) -> Iterator[Change]:
    for role in Role:
        if before.get(role) is not after.get(role):
            yield SuperiorChanged(role, before.get(role), after.get(role))


def _gates(before: Mapping[Stage, Gate], after: Mapping[Stage, Gate]) -> Iterator[Change]:
    for stage in Stage:
        old, new = _asked_by(before.get(stage)), _asked_by(after.get(stage))
        for when in {**old, **new}:
            was, will = old.get(when, ()), new.get(when, ())
            if {*was} != {*will}:
                added = tuple(each for each in will if each not in was)
                dropped = tuple(each for each in was if each not in will)
                yield GateChanged(stage, *when, added, dropped)


def _asked_by(
    gate: Gate | None,
) -> dict[tuple[int | None, Stage | None], tuple[RequirementKey, ...]]:
    """Return what a gate asks, by the amount from which and the stage from where it asks it."""
    if gate is None:
        return {}
    return {
        (None, None): gate.requires,
        **{(amount, None): asked for amount, asked in sorted(gate.from_yuan.items())},
        **{(None, stage): asked for stage, asked in gate.coming_from.items()},
    }


def _rungs(before: Sequence[Rung], after: Sequence[Rung]) -> Iterator[Change]:
    old = {rung.key: (rung, place) for place, rung in enumerate(before, 1)}
    new = {rung.key: (rung, place) for place, rung in enumerate(after, 1)}
    for key in {**old, **new}:
        (was, from_place), (will, to_place) = old.get(key, _NONE), new.get(key, _NONE)
        if (was, from_place) != (will, to_place):
            yield RungChanged(key, was, will, from_place, to_place)


_NONE = (None, None)
