"""What one approval costs: the whole decision that moves a project, beside the least SQL by hand.

    python -m bench.approve --n 500 --seed 1 --database postgresql

Sixteen threads in one process, every commit durable; the two sides take turns in three rounds.
`ratio` is our rate by the floor's: medians.
"""

import argparse
import json
import random
from dataclasses import asdict

from sqlalchemy import func, select

from bench.approve_by_hand import Floor
from bench.databases import new_database
from bench.pending import COPIED, NOW, Pending, pending_requests
from bench.turns import THREADS, Figures, Side, measure, pieces_needed
from db.session import Database
from state_machines.approvals import Answer, RequestState, Through
from tests.builders import CALENDAR
from tests.statements import Counted
from use_cases.decide import decide


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    arguments.add_argument("--n", type=int, default=500, help="decisions per side and round")
    arguments.add_argument("--seed", type=int, default=1, help="settles in which order")
    arguments.add_argument(
        "--database",
        default="postgresql",
        help='"postgresql" or "sqlite" for one of our own, or the address of a PostgreSQL database',
    )
    given = arguments.parse_args()
    with new_database(given.database) as (url, database):
        pending = pending_requests(database, pieces_needed(given.n) + 2)
        by = pending.staff.unit_leader
        floor = Floor(url, by=by, now=NOW)
        luodi = Side("Luodi", lambda request_id: approve(database, request_id, by=by))
        by_hand = Side("by hand", floor.approve)
        statements = compare(database, pending, luodi, by_hand)
        requests = pending.request_ids
        random.Random(given.seed).shuffle(requests)
        ours, theirs = measure((luodi, by_hand), requests, given.n)
        report(statements, {luodi.name: ours, by_hand.name: theirs})


def approve(database: Database, request_id: int, *, by: int) -> None:
    """Decide as a link's page does: one transaction, and the project has moved when it ends."""
    with database.writing() as session:
        state = decide(
            session,
            request_id,
            Answer.APPROVE,
            by=by,
            now=NOW,
            calendar=CALENDAR,
            through=Through.LINK,
        )
    if state is not RequestState.APPROVED:
        raise SystemExit(f"Request {request_id} should be approved, and is {state}.")


def compare(database: Database, pending: Pending, luodi: Side, by_hand: Side) -> int:
    """Let each side decide one request; both must leave as many rows, or the ratio means nothing.

    Returns how many statements ours took.
    """
    before = rows(database)
    with Counted(database) as sent:
        luodi.work(pending.request_ids.pop())
    between = rows(database)
    by_hand.work(pending.request_ids.pop())
    after = rows(database)
    ours = {name: between[name] - before[name] for name in before}
    theirs = {name: after[name] - between[name] for name in before}
    if ours != theirs:
        raise SystemExit(f"Not the same work: we wrote {ours}, by hand it was {theirs}.")
    return sent.number


def rows(database: Database) -> dict[str, int]:
    with database.reading() as session:
        return {
            model.__tablename__: session.scalars(select(func.count()).select_from(model)).one()
            for model in COPIED
        }


def report(statements: int, sides: dict[str, Figures]) -> None:
    print(f"{'':10}{'decisions/s':>12}{'median ms':>11}{'p99 ms':>9}{'own CPU ms':>12}")
    for name, figures in sides.items():
        print(
            f"{name:10}{figures.per_second:12.0f}{figures.median_ms:11.1f}"
            f"{figures.p99_ms:9.1f}{figures.cpu_ms:12.2f}"
        )
    ours, theirs = sides.values()
    said = {
        "bench": "approve",
        "ratio": round(ours.per_second / theirs.per_second, 3),
        "threads": THREADS,
        "statements": statements,
        "luodi": asdict(ours),
        "floor": asdict(theirs),
    }
    print(json.dumps(said))


if __name__ == "__main__":
    main()
