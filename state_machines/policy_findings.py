"""What can be found in a policy that can be read, but would do wrong."""

from dataclasses import dataclass

from state_machines.posts import Role


@dataclass(frozen=True)
class Finding:
    """Something found at a key of the file; in a list, a key counts from 1."""

    key: str


@dataclass(frozen=True)
class AmountOutOfReach(Finding):
    """No project can have so large an investment."""

    most: int


@dataclass(frozen=True)
class NeverAsked(Finding):
    """No move that a gate guards leads there."""


@dataclass(frozen=True)
class CircleOfSuperiors(Finding):
    """A question could go round for ever: only two top posts may name each other."""

    circle: tuple[Role, ...]


@dataclass(frozen=True)
class NoSuperior(Finding):
    """A post is asked, and there is nowhere to go when nobody there may answer."""

    role: Role


@dataclass(frozen=True)
class OnePostForTwo(Finding):
    """Two persons must agree, and one post alone is asked."""

    role: Role


@dataclass(frozen=True)
class FindingToday(Finding):
    """What is found in the city rather than in the file; `places` are units and teams."""

    places: tuple[str, ...]


@dataclass(frozen=True)
class NoSuchPost(FindingToday):
    """A post is named that does not exist there."""

    role: Role


@dataclass(frozen=True)
class NobodyAnswers(FindingToday):
    """Nobody holds the post today, nor any post above it."""

    role: Role


@dataclass(frozen=True)
class TooFewPersons(FindingToday):
    """A step needs more persons than there are today."""

    needed: int
    eligible: int


@dataclass(frozen=True)
class OnePersonForTwo(FindingToday):
    """Two persons must agree, and there is only one today who could."""


@dataclass(frozen=True)
class RungTellsNobody(FindingToday):
    """A rung has nobody to tell today, so the next one would be told at once."""
