"""What must hold of the records after any story, read with plain SQL (reliability.md, I1-I5)."""

import hashlib
import json
from collections import defaultdict
from datetime import UTC, datetime
from itertools import pairwise

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.base import Base

TABLES = Base.metadata.tables


def broken(session: Session) -> list[str]:
    """Name everything that does not hang together; empty if the records are whole."""
    looks = (_chains, _histories, _requests, _orders, _freezes)
    return [wrong for look in looks for wrong in look(session)]


def _by(session: Session, table: str, key: str) -> dict[object, list[dict[str, object]]]:
    rows = session.execute(select(TABLES[table]).order_by(TABLES[table].c.id)).mappings()
    grouped = defaultdict(list)
    for row in rows:
        grouped[row[key]].append(dict(row))
    return grouped


def _hash(entry: dict[str, object]) -> str:
    at = entry["at"]
    assert isinstance(at, datetime)
    said = [entry["project_id"], entry["seq"], at.astimezone(UTC).isoformat(), entry["act"]]
    said += [entry["by_id"], entry["details"], entry["previous_hash"]]
    text = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _chains(session: Session) -> list[str]:
    """Every act is there, unchanged, in its place, and the project knows the last of them."""
    wrong = []
    entries = _by(session, "audit_entries", "project_id")
    for project in session.execute(select(TABLES["projects"])).mappings():
        chain = entries[project["id"]]
        previous = ""
        for n, entry in enumerate(chain, 1):
            if (entry["seq"], entry["previous_hash"]) != (n, previous) or _hash(entry) != entry[
                "hash"
            ]:
                wrong.append(f"project {project['id']}: audit entry {n} is not what was written")
            previous = str(entry["hash"])
        if (project["audit_seq"], project["audit_hash"]) != (len(chain), previous):
            wrong.append(f"project {project['id']}: the chain does not end where it should")
    return wrong


def _histories(session: Session) -> list[str]:
    """No project in a stage without the visit and the step that took it there, none missing."""
    wrong = []
    steps, visits = (
        _by(session, table, "project_id") for table in ("stage_changes", "stage_visits")
    )
    for project in session.execute(select(TABLES["projects"])).mappings():
        here = f"project {project['id']}"
        mine, stays = steps[project["id"]], visits[project["id"]]
        if [step["seq"] for step in mine] != [*range(1, project["history_seq"] + 1)]:
            wrong.append(f"{here}: a step of its history is missing")
        if any(before["after"] != after["before"] for before, after in pairwise(mine)):
            wrong.append(f"{here}: its history jumps")
        if mine[-1]["after"] != project["stage"]:
            wrong.append(f"{here}: it is where no step has led")
        if [step["after"] for step in mine] != [stay["stage"] for stay in stays]:
            wrong.append(f"{here}: steps and visits differ")
        if [stay["left_at"] is None for stay in stays] != [False] * (len(stays) - 1) + [True]:
            wrong.append(f"{here}: not exactly its last visit is open")
    return wrong


def _requests(session: Session) -> list[str]:
    """One verdict a round, one question a person, and whatever was agreed to came true once.

    What was annulled came true at most once, and was taken back if it was a step.
    """
    wrong = []
    asked = _by(session, "approvals", "request_id")
    mails = _by(session, "mails", "request_id")
    steps = _by(session, "stage_changes", "request_id")
    pauses = [_by(session, table, "request_id") for table in ("holds", "extensions")]
    for request in session.execute(select(TABLES["approval_requests"])).mappings():
        here = f"request {request['id']}"
        pending, approved = request["state"] == "pending", request["state"] == "approved"
        if pending != (request["settled_at"] is None):
            wrong.append(f"{here}: settled and pending")
        if not pending and any(each["state"] == "pending" for each in asked[request["id"]]):
            wrong.append(f"{here}: settled, and somebody is still asked")
        made = [each for each in steps[request["id"]] if each["move"] != "annul"]
        taken_back = len(steps[request["id"]]) - len(made)
        came_true = len(made) + sum(len(pause[request["id"]]) for pause in pauses)
        annulled = request["state"] == "annulled"
        if came_true != approved and not (annulled and came_true <= 1):
            wrong.append(f"{here}: agreed without a step, or a step without agreement")
        if taken_back != (annulled and len(made)):
            wrong.append(f"{here}: a step that was annulled and not taken back, or the other way")
        people = {each["person_id"] for each in asked[request["id"]]}
        questions = [each for each in mails[request["id"]] if each["kind"] == "approval_asked"]
        # Whoever is no longer asked may be asked again.
        if {each["person_id"] for each in questions} != people:
            wrong.append(f"{here}: asked without a question, or the other way round")
    return wrong


def _freezes(session: Session) -> list[str]:
    """A project is frozen as long as somebody's freeze lasts; then no rung is due."""
    lasting = {
        each["project_id"]
        for each in session.execute(select(TABLES["freezes"])).mappings()
        if each["ended_at"] is None
    }
    wrong = []
    for project in session.execute(select(TABLES["projects"])).mappings():
        if (project["frozen_at"] is not None) != (project["id"] in lasting):
            wrong.append(f"project {project['id']}: frozen without a freeze, or the other way")
        if project["frozen_at"] is not None and project["next_rung_at"] is not None:
            wrong.append(f"project {project['id']}: frozen, and a rung is due")
    return wrong


def _orders(session: Session) -> list[str]:
    """At most one open order a project, each with what fired, each firing with its readers."""
    wrong = []
    firings = _by(session, "rung_firings", "order_id")
    notices = _by(session, "order_notices", "firing_id")
    open_orders: dict[object, int] = defaultdict(int)
    for order in session.execute(select(TABLES["orders"])).mappings():
        open_orders[order["project_id"]] += order["closed_at"] is None
        if not any(firing["kind"] == "fired" for firing in firings[order["id"]]):
            wrong.append(f"order {order['id']}: nothing has fired")
        for firing in firings[order["id"]]:
            if (firing["kind"] == "fired") != bool(notices[firing["id"]]):
                wrong.append(f"firing {firing['id']}: told nobody, or told of nothing")
    wrong += [f"project {each}: two open orders" for each, n in open_orders.items() if n > 1]
    return wrong
