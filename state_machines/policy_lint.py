"""Look a policy over before it is adopted: by itself, and in the city as it is today."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from state_machines.access import CITY_WIDE_ROLES
from state_machines.asking import Circle, refuse_unanswerable
from state_machines.errors import NobodyToAsk, QuorumOutOfReach
from state_machines.facts import MOST_YUAN
from state_machines.policy import Policy
from state_machines.policy_findings import (
    AmountOutOfReach,
    CircleOfSuperiors,
    Finding,
    FindingToday,
    NeverAsked,
    NobodyAnswers,
    NoSuchPost,
    NoSuperior,
    OnePersonForTwo,
    OnePostForTwo,
    RungTellsNobody,
    TooFewPersons,
)
from state_machines.posts import Places, PostKey, Reader, Role, Roster, post_of, readers
from state_machines.stages import GATED, STAGES
from state_machines.steps import Step

A_PAIR = 2


def findings_in_file(policy: Policy) -> tuple[Finding, ...]:
    """Return what is wrong with a policy whatever the city looks like."""
    return (*_out_of_reach(policy), *_superiors(policy), *_one_post_for_two(policy))


def findings_today(
    policy: Policy, hosts: Collection[Places], posts: Collection[PostKey], roster: Roster
) -> tuple[FindingToday, ...]:
    """Return what the policy asks that the city cannot give as it is.

    `hosts` are the places that a project can belong to, `posts` all there are, `roster` who holds
    them today. Nobody is excluded: whose project it will be is not known yet.
    """
    return _by_place(
        finding
        for host in hosts
        for finding in (
            *_missing_posts(policy, host, posts),
            *_unmet_rounds(policy, host, roster),
            *_silent_rungs(policy, host, roster),
        )
    )


def _out_of_reach(policy: Policy) -> Iterator[Finding]:
    for number, tier in enumerate(policy.tiers, 1):
        if tier.from_yuan > MOST_YUAN:
            yield AmountOutOfReach(f"tiers.{number}.from_yuan", MOST_YUAN)
    ways = {(before, after) for before, move, after in STAGES.moves if move in GATED}
    for stage, gate in policy.gates.items():
        if stage not in {after for _, after in ways}:
            yield NeverAsked(f"gates.{stage}")
            continue
        for amount in gate.from_yuan:
            if amount > MOST_YUAN:
                yield AmountOutOfReach(f"gates.{stage}.from_yuan.{amount}", MOST_YUAN)
        for before in gate.coming_from:
            if (before, stage) not in ways:
                yield NeverAsked(f"gates.{stage}.coming_from.{before}")


def _superiors(policy: Policy) -> Iterator[Finding]:
    in_a_circle: set[Role] = set()
    for role in policy.superiors:
        circle = _circle_above(role, policy.superiors)
        if not in_a_circle.issuperset(circle) and not _are_two_at_the_top(circle):
            yield CircleOfSuperiors(f"superiors.{circle[0]}", circle)
        in_a_circle.update(circle)
    asked = (role for each in _rounds(policy) for step in each.steps for role in step.asks)
    for role in dict.fromkeys(asked):
        if role not in policy.superiors:
            yield NoSuperior(f"superiors.{role}", role)


def _circle_above(role: Role, superiors: Mapping[Role, Role]) -> tuple[Role, ...]:
    """Return the circle that the way up from a post ends in; empty if it ends."""
    line = [role]
    while (above := superiors.get(line[-1])) is not None:
        if above in line:
            return tuple(line[line.index(above) :])
        line.append(above)
    return ()


def _are_two_at_the_top(circle: Sequence[Role]) -> bool:
    return len(circle) == A_PAIR and CITY_WIDE_ROLES.issuperset(circle)


def _one_post_for_two(policy: Policy) -> Iterator[Finding]:
    for each in _rounds(policy):
        asked = {role for step in each.steps for role in step.asks}
        if each.persons > 1 and len(asked) == 1:
            yield OnePostForTwo(each.key, *asked)


@dataclass(frozen=True)
class _Round:
    """What is asked for a move in a tier, where the file says so."""

    key: str
    steps: tuple[Step, ...]
    persons: int


def _rounds(policy: Policy) -> Iterator[_Round]:
    """Yield every round that can be asked; what a move takes over from another, once."""
    ends = [*(tier.from_yuan for tier in policy.tiers[1:]), MOST_YUAN + 1]
    largest = {tier.key: end - 1 for tier, end in zip(policy.tiers, ends, strict=True)}
    seen = []
    for subject, tiers in policy.approvals.items():
        if tiers in seen:
            continue
        seen.append(tiers)
        for tier, steps in tiers.items():
            persons = policy.persons(subject, largest.get(tier))
            yield _Round(f"approvals.{subject}.{tier}", steps, persons)
    yield _Round("override.steps", policy.override.steps, 1)


def _by_place(found: Iterable[FindingToday]) -> tuple[FindingToday, ...]:
    """Return each finding once, with all the places where it was found."""
    places: dict[FindingToday, dict[str, None]] = {}
    for each in found:
        places.setdefault(replace(each, places=()), {}).update(dict.fromkeys(each.places))
    return tuple(replace(each, places=tuple(where)) for each, where in places.items())


def _missing_posts(
    policy: Policy, host: Places, posts: Collection[PostKey]
) -> Iterator[FindingToday]:
    for key, role in _named(policy):
        post = post_of(role, host)
        if post is not None and post not in posts:
            yield NoSuchPost(key, (post.place,), role)
        # Not every project was found by a headquarters; without one the superior is asked.
        elif post is None and role is not Role.HEADQUARTERS_HEAD and host.unit_code:
            yield NoSuchPost(key, (host.unit_code,), role)


def _named(policy: Policy) -> Iterator[tuple[str, Role]]:
    """Yield every post that the file names, and where."""
    for each in _rounds(policy):
        for number, step in enumerate(each.steps, 1):
            yield from ((f"{each.key}.{number}", role) for role in step.asks)
    yield from ((f"superiors.{role}", above) for role, above in policy.superiors.items())
    for number, rung in enumerate(policy.ladder.rungs, 1):
        told = (each for each in rung.tells if isinstance(each, Role))
        yield from ((f"ladder.rungs.{number}.tells", role) for role in told)


def _unmet_rounds(policy: Policy, host: Places, roster: Roster) -> Iterator[FindingToday]:
    circle = Circle(host, roster, policy.superiors, excluded=frozenset())
    here = (host.unit_code,) if host.unit_code else ()
    for asked in _rounds(policy):
        unmet = [*_unmet_steps(asked, circle, here)]
        yield from unmet
        if asked.steps and not unmet:
            try:
                refuse_unanswerable(asked.steps, circle, persons=asked.persons)
            except NobodyToAsk:
                yield OnePersonForTwo(asked.key, here)


def _unmet_steps(asked: _Round, circle: Circle, here: tuple[str, ...]) -> Iterator[FindingToday]:
    for number, step in enumerate(asked.steps, 1):
        key = f"{asked.key}.{number}"
        nobody = [role for role in step.asks if not circle.whom(role)]
        yield from (NobodyAnswers(key, here, role) for role in nobody)
        try:
            refuse_unanswerable([step], circle, persons=1)
        except QuorumOutOfReach as refusal:
            yield TooFewPersons(key, here, refusal.needed, refusal.eligible)
        except NobodyToAsk:
            pass  # named above, post by post


def _silent_rungs(policy: Policy, host: Places, roster: Roster) -> Iterator[FindingToday]:
    here = (host.unit_code,) if host.unit_code else ()
    for number, rung in enumerate(policy.ladder.rungs, 1):
        # Whoever owns the project is told in any case; who that will be is not known here.
        if Reader.OWNER not in rung.tells and not readers(rung.tells, None, host, roster):
            yield RungTellsNobody(f"ladder.rungs.{number}.tells", here)
