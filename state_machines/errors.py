"""Refusals made on purpose, each keeping the facts it is about.

They know no HTTP and no language: `words.refusals` says them aloud, `web.refusals` gives each
its status, `cli` its exit code.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from state_machines.gates import RequirementKey
    from state_machines.policy_faults import Fault
    from state_machines.stages import Stage


class Refusal(Exception):
    """Base of everything that is refused by rule rather than by accident."""


class NotFound(Refusal):
    """There is no such thing, or it is not for this reader to know of."""

    def __init__(self, kind: str, key: object) -> None:
        super().__init__(f"no {kind} {key}")
        self.kind, self.key = kind, key


class IllegalMove(Refusal):
    """No such move leads out of this state."""

    def __init__(self, state: StrEnum, move: StrEnum) -> None:
        super().__init__(f"no {move} from {state}")
        self.state, self.move = state, move


class GateNotMet(Refusal):
    """The project does not yet show what the stage asks for; all that is missing is named."""

    def __init__(self, stage: "Stage", missing: "Sequence[RequirementKey]") -> None:
        super().__init__(f"{stage} needs {', '.join(missing)}")
        self.stage, self.missing = stage, tuple(missing)


class ValueRefused(Refusal):
    """A field was given a value that it cannot take; `expected` is a key that `words` can say."""

    def __init__(self, field: str, expected: str, value: object = None) -> None:
        super().__init__(f"{field}: expected {expected}")
        self.field, self.expected, self.value = field, expected, value


class ReasonRequired(Refusal):
    """This step needs a reason in words."""

    def __init__(self, what: StrEnum) -> None:
        super().__init__(f"{what} needs a reason")
        self.what = what


class EditedMeanwhile(Refusal):
    """Somebody else changed the project since this form was opened; `theirs` stands now."""

    def __init__(self, theirs: dict[str, object]) -> None:
        super().__init__(f"edited meanwhile: {', '.join(theirs)}")
        self.theirs = theirs


class NotAllowed(Refusal):
    """This person's posts do not give them this act."""

    def __init__(self, act: str) -> None:
        super().__init__(f"not allowed: {act}")
        self.act = act


class RequestPending(Refusal):
    """A request for this project still waits for its answer; there is one at a time."""

    def __init__(self, number: str) -> None:
        super().__init__(f"{number} has a pending request")
        self.number = number


class NobodyToAsk(Refusal):
    """A post that must agree has no holder who may answer, nor has any post above it."""

    def __init__(self, role: StrEnum) -> None:
        super().__init__(f"nobody may answer for {role}")
        self.role = role


class QuorumOutOfReach(Refusal):
    """A step needs more persons than there are to answer; steps count from 1."""

    def __init__(self, step: int, needed: int, eligible: int) -> None:
        super().__init__(f"step {step} needs {needed} persons, {eligible} could answer")
        self.step, self.needed, self.eligible = step, needed, eligible


class NotTheApprover(Refusal):
    """This person was not asked, or may not answer (any more)."""


class RequestClosed(Refusal):
    """The request is settled already; `state` says how."""

    def __init__(self, state: StrEnum) -> None:
        super().__init__(f"the request is {state}")
        self.state = state


class AnsweredOtherwise(Refusal):
    """This person has given the opposite answer before, and that one stands."""

    def __init__(self, given: StrEnum) -> None:
        super().__init__(f"answered {given} before")
        self.given = given


class CodeRequired(Refusal):
    """An amount like this is not decided by a link alone: the code from a second mail is needed."""


class CodeWrong(Refusal):
    """That is not the code; so many tries are left."""

    def __init__(self, tries_left: int) -> None:
        super().__init__(f"wrong code, {tries_left} tries left")
        self.tries_left = tries_left


class CodeExpired(Refusal):
    """The code is too old, used, or was tried too often; a new one can be asked for."""


class NotEligible(Refusal):
    """A question can pass only to somebody who may answer for the same or the superior post."""

    def __init__(self, person: str) -> None:
        super().__init__(f"{person} may not answer")
        self.person = person


class NudgedToday(Refusal):
    """Those who are asked were nudged already on this working day."""


class ProjectFrozen(Refusal):
    """An approver disowns a decision on this project; an administrator has to look into it."""

    def __init__(self, number: str) -> None:
        super().__init__(f"{number} is frozen")
        self.number = number


class OnHoldAlready(Refusal):
    """The project's clocks stand still until this day already."""

    def __init__(self, until: "date") -> None:
        super().__init__(f"on hold until {until}")
        self.until = until


class HoldTooLong(Refusal):
    """In that calendar year the project may stand still for only so many working days more."""

    def __init__(self, year: int, left: int) -> None:
        super().__init__(f"{left} working days of hold left in {year}")
        self.year, self.left = year, left


class ExtensionsSpent(Refusal):
    """In that calendar year the project has had all the extensions that it may have."""

    def __init__(self, year: int) -> None:
        super().__init__(f"no extension left in {year}")
        self.year = year


class LinkUnknown(Refusal):
    """The link was cut off, changed, or never ours."""


class LinkExpired(Refusal):
    """The link was ours, but too long ago; a fresh one can be asked for."""


class LinkDead(Refusal):
    """What the link was for is settled, so the link no longer opens anything."""


class PolicyInvalid(Refusal):
    """A policy file says something that Luodi cannot follow; all that is wrong is named at once."""

    def __init__(self, file: str, faults: "Sequence[Fault]") -> None:
        super().__init__(f"{file}: {', '.join(fault.key for fault in faults)}")
        self.file, self.faults = file, tuple(faults)


class FutureAsOf(Refusal):
    """A run as of a day to come would write to real people: dry run or local mailbox only."""


class NaiveTime(Refusal):
    """A time without its offset from UTC could mean two instants."""

    def __init__(self, text: str) -> None:
        super().__init__(f"{text} has no time zone")
        self.text = text
