"""The shipped policy with steps of another kind in it: as data, and in the words of the model."""

from datetime import datetime
from hashlib import sha256
from pathlib import Path

from sqlalchemy.orm import Session

from db.models import PolicyVersion
from state_machines.policy import Policy
from state_machines.stages import Move
from tests.reference.approvals import BY_TIER, TWO_PERSONS_FROM, Step, tier_of

SHIPPED = Path(__file__).parents[2] / "policies" / "jinhua.toml"
BY_TIER_OF_MONEY = {Move.SIGN, Move.LEASE_FACTORY, Move.START, Move.LOSE, Move.REVIVE}
THREE = ("unit_leader", "special_team_lead", "promotion_center_head")
KINDS = {
    "all": 'needs = "all"',
    "any": 'needs = "any"',
    "two of three": "needs = 2",
    "vote": "needs = 2, veto = false",
    "any without a veto": 'needs = "any", veto = false',
}


def steps_by_hand(kind: str, move: Move, investment: int) -> list[Step]:
    if kind == "shipped":
        alone = {Move.STEP_BACK: "unit_leader", Move.ANNUL_START: "general_headquarters_director"}
        return [Step((alone[move],))] if move in alone else BY_TIER[tier_of(investment)]
    needs: dict[str, Step] = {
        "all": Step(THREE),
        "any": Step(THREE, "any"),
        "two of three": Step(THREE, 2),
        "vote": Step(THREE, 2, veto=False),
        "any without a veto": Step(THREE, "any", veto=False),
    }
    step, director = needs[kind], Step(("general_headquarters_director",))
    if move not in BY_TIER_OF_MONEY:
        return [step]
    return {
        "under_1bn": [step],
        "from_1bn": [director, step],
        "from_5bn": [step, director],
        "above_10bn": [step, Step(("deputy_mayor",)), director],
    }[tier_of(investment)]


def adopt(session: Session, kind: str, *, now: datetime) -> None:
    """Adopt the shipped policy, with steps of one kind wherever somebody must agree."""
    before, _, rest = SHIPPED.read_text("utf-8").partition("[approvals.sign]")
    _, _, after = rest.partition("[approvals.lease_factory]")
    step = f"{{ asks = {[*THREE]}, {KINDS[kind]} }}"
    director, mayor = '"general_headquarters_director"', '"deputy_mayor"'
    sign = f"""[approvals.sign]
under_1bn = [{step}]
from_1bn = [{director}, {step}]
from_5bn = [{step}, {director}]
above_10bn = [{step}, {mayor}, {director}]
"""
    going_back, mark, more = after.partition("# More time where a project is.")
    for alone in ('["unit_leader"]', f"[{director}]"):
        going_back = going_back.replace(f"every_tier = {alone}", f"every_tier = [{step}]")
    text = f"{before}{sign}[approvals.lease_factory]{going_back}{mark}{more}"
    Policy.parse(text, file=kind)
    session.add(
        PolicyVersion(
            name="jinhua", source=text, sha256=sha256(text.encode()).hexdigest(), adopted_at=now
        )
    )
    session.flush()


def persons_by_hand(move: Move, investment: int) -> int:
    """From 1 bn up two must agree to what the tiers decide."""
    return 2 if move in BY_TIER_OF_MONEY and investment >= TWO_PERSONS_FROM else 1
