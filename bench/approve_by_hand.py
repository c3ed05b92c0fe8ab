"""The floor: one approval that moves a project, in the least SQL by hand, one statement at a time.

It checks next to nothing, but locks, changes and records all that product.md (sections 3, 4 and 6)
wants done in one transaction. It knows the tables, and nothing else of ours.
"""

import hashlib
import json
import re
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import Any

import psycopg
from sqlalchemy import URL

LOCK = """
SELECT r.project_id, r.requested_by_id, r.policy_version_id, p.number, p.name_zh, p.owner_id,
       p.history_seq, p.audit_seq, p.audit_hash
FROM approval_requests r JOIN projects p ON p.id = r.project_id
WHERE r.id = :request AND r.state = 'pending'
"""
ANSWER = """
UPDATE approvals SET state = 'approved', answer = 'approve', answered_at = :now
WHERE request_id = :request AND person_id = :by AND state = 'pending'
"""
SETTLE = """
UPDATE approval_requests
SET state = 'approved', settled_at = :now, settled_by_id = :by, next_chase_at = NULL
WHERE id = :request AND state = 'pending'
"""
REVOKE = (
    "UPDATE link_tokens SET revoked_at = :now WHERE request_id = :request AND revoked_at IS NULL"
)
CANCEL = """
UPDATE mails SET state = 'cancelled', due_at = NULL, settled_at = :now
WHERE request_id = :request AND state = 'queued'
"""
LEAVE = "UPDATE stage_visits SET left_at = :now WHERE project_id = :project AND left_at IS NULL"
ENTER = """
INSERT INTO stage_visits (project_id, stage, entered_at, stage_origin, stage_used, stage_episode,
                          silence_origin, silence_used, silence_episode)
VALUES (:project, 'signed', :now, :today, 0, 1, :today, 0, 1)
"""
REMEMBER = """
INSERT INTO stage_changes (project_id, seq, move, before, after, by_id, effective_on, recorded_at,
                           request_id, policy_version_id)
VALUES (:project, :seq, 'sign', 'negotiation', 'signed', :asker, :day, :now, :request, :policy)
"""
MOVE = """
UPDATE projects
SET stage = 'signed', stage_before = 'negotiation', history_seq = :seq, audit_seq = :audit_seq,
    audit_hash = :audit_hash, next_rung_at = :now, yellow_at = :now, red_at = :now
WHERE id = :project
"""
AUDIT = """
INSERT INTO audit_entries (project_id, seq, at, act, by_id, details, previous_hash, hash)
VALUES """ + ", ".join(
    f"(:project, :seq{n}, :now, :act{n}, :by{n}, :details{n}, :previous{n}, :hash{n})"
    for n in range(3)
)
POST = """
INSERT INTO mails (key, kind, person_id, project_id, request_id, facts, priority, state, created_at,
                   due_at, attempts)
VALUES """ + ", ".join(
    f"(:key{n}, :kind{n}, :to{n}, :project, :request, :facts{n}, 1, 'queued', :now, :now, 0)"
    for n in range(3)
)

PLACEHOLDER = re.compile(r":(\w+)")

Values = dict[str, Any]
Run = Callable[[str, Values], Any]
"""Sends one statement with its values; returns the cursor."""


class Floor:
    """Approves over connections of its own, one for each thread that asks."""

    def __init__(self, url: URL, *, by: int, now: datetime) -> None:
        self._url = url
        self._is_sqlite = url.get_backend_name() == "sqlite"
        self._thread = threading.local()
        self._one_writer = threading.Lock()
        self._today = now.date()
        at = now.astimezone(UTC)
        self._always: Values = {
            "by": by,
            "now": f"{at:%Y-%m-%d %H:%M:%S.%f}" if self._is_sqlite else at,
            "today": self._today.isoformat() if self._is_sqlite else self._today,
            "day": self._today.isoformat(),
        }

    def approve(self, request_id: int) -> None:
        """Answer, settle and move, in one transaction."""
        with self._transaction() as run:
            _approve(run, self._is_sqlite, self._always | {"request": request_id})

    @contextmanager
    def _transaction(self) -> Iterator[Run]:
        if not hasattr(self._thread, "connection"):
            self._thread.connection = self._connect()
        connection = self._thread.connection
        if self._is_sqlite:
            with self._one_writer:  # sixteen that wait for the file's own lock starve one another
                connection.execute("BEGIN IMMEDIATE")
                yield connection.execute
                connection.execute("COMMIT")
        else:
            yield lambda statement, values: connection.execute(_for_psycopg(statement), values)
            connection.commit()

    def _connect(self) -> Any:
        if not self._is_sqlite:
            arguments, options = self._url.get_dialect()().create_connect_args(self._url)
            return psycopg.connect(*arguments, **options)
        connection = sqlite3.connect(
            self._url.database or "", isolation_level=None, check_same_thread=False
        )
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        return connection


@cache
def _for_psycopg(statement: str) -> str:
    return PLACEHOLDER.sub(r"%(\1)s", statement)


def _approve(run: Run, is_sqlite: bool, values: Values) -> None:
    lock = LOCK if is_sqlite else LOCK + "FOR UPDATE OF p"
    project, asker, policy, number, name, owner, history, audit, audit_hash = run(
        lock, values
    ).fetchone()
    named = {"number": number, "zh": name, "en": None}
    request, by = values["request"], values["by"]
    values |= {"project": project, "asker": asker, "policy": policy, "seq": history + 1}
    acts = [
        ("answered", by, {"request": request, "answer": "approve"}),
        ("request_approved", by, {"request": request}),
        ("moved", asker, {"move": "sign", "before": "negotiation", "after": "signed"}),
    ]
    for n, (act, who, details) in enumerate(acts):
        audit += 1
        said = [project, audit, str(values["now"]), act, who, details, audit_hash]
        hashed = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
        values |= {
            f"seq{n}": audit, f"act{n}": act, f"by{n}": who, f"details{n}": json.dumps(details),
            f"previous{n}": audit_hash, f"hash{n}": hashed,
        }  # fmt: skip
        audit_hash = hashed
    values |= {"audit_seq": audit, "audit_hash": audit_hash}
    news = [
        ("request_settled", asker, {"request": request, "outcome": "approved", "by": by}),
        ("stage_changed", owner, {"before": "negotiation", "after": "signed"}),
        ("receipt", by, {"request": request, "answer": "approve"}),
    ]
    for n, (kind, to, facts) in enumerate(news):
        values |= {
            f"key{n}": f"{kind}/{request}/{to}", f"kind{n}": kind, f"to{n}": to,
            f"facts{n}": json.dumps({"project": named} | facts),
        }  # fmt: skip
    for statement in (ANSWER, SETTLE, REVOKE, CANCEL, LEAVE, ENTER, REMEMBER, MOVE, AUDIT, POST):
        run(statement, values)
