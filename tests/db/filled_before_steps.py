"""A database in use as it was before approvals had steps (revision 2ae73ed27e5a), row by row."""

import hashlib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import MetaData, Table, select

from db.session import Database

REVISION = "2ae73ed27e5a"
POLICY = Path(__file__).with_name("policy_before_steps.toml")

TUESDAY = datetime(2026, 3, 3, 1, 0, tzinfo=UTC)
OFFICER, OWNER, LEADER, DIRECTOR, STAND_IN = range(1, 6)
PROJECT, OTHER_PROJECT = 1, 2
PENDING, SETTLED = 1, 2
TOKEN = "what-the-director-holds"

FACTS = {
    "name_zh": "兰溪电池项目",
    "unit_code": "330781",
    "headquarters_key": None,
    "special_team_key": "special-team-3",
    "owner_id": OWNER,
    "investor_contact": "王先生 13800000000",
    "industry": "电池",
    "investment": 1_500_000_000,
    "needs_factory": True,
    "contract_number": "HT-2026-017",
    "contract_date": "2026-02-10",
    "planned_start": "2026-06",
}
NAME = {"number": "JH-2026-00001", "zh": "兰溪电池项目", "en": None}
ASKED = {
    "project": NAME,
    "request_id": PENDING,
    "move": "sign",
    "before": "negotiation",
    "after": "signed",
    "investment": 1_500_000_000,
    "requested_by": "officer",
    "reason": "合同已谈妥",
    "posts": ["general_headquarters_director@general-headquarters"],
    "on_behalf_of": None,
    "waived": [],
    "asked_again": False,
}
OVER = {
    "project": NAME | {"number": "JH-2026-00002"},
    "request_id": SETTLED,
    "move": "lose",
    "outcome": "rejected",
    "settled_by": "leader",
    "comment": "再争取",
    "missing": [],
    "yours": True,
}
MOVED = {
    "project": NAME,
    "move": "open_negotiation",
    "before": "lead",
    "after": "negotiation",
    "reason": None,
}


def _people() -> list[dict[str, Any]]:
    names = ("officer", "owner", "leader", "director", "stand_in")
    return [
        {"name": name, "email": f"{name}@lanxi.example", "language": "zh-Hans"}
        | {"active": True, "sample": False}
        for name in names
    ]


def _project(number: str) -> dict[str, Any]:
    return FACTS | {
        "number": number,
        "origin": "import",
        "created_at": TUESDAY,
        "marked_major": False,
        "stage": "negotiation",
        "stage_before": "lead",
        "edition": 1,
        "history_seq": 1,
        "audit_seq": 0,
        "audit_hash": "",
    }


def _visit(project_id: int) -> dict[str, Any]:
    return {
        "project_id": project_id,
        "stage": "negotiation",
        "entered_at": TUESDAY,
        "stage_origin": date(2026, 3, 3),
        "stage_used": 3,
        "silence_origin": date(2026, 3, 3),
        "silence_used": 0,
        "silence_episode": 2,
    }


def _change(project_id: int) -> dict[str, Any]:
    return {
        "project_id": project_id,
        "seq": 1,
        "after": "negotiation",
        "effective_on": "2026-03",
        "recorded_at": TUESDAY,
        "policy_version_id": 1,
    }


def _paper(kind: str) -> dict[str, Any]:
    return {"project_id": PROJECT, "kind": kind, "title": kind, "reference": "档案室"} | {
        "added_by_id": OWNER,
        "added_at": TUESDAY,
    }


def _request(project_id: int, move: str, state: str, **more: Any) -> dict[str, Any]:
    return {
        "project_id": project_id,
        "move": move,
        "before": "negotiation",
        "after": "signed" if move == "sign" else "lost",
        "facts": FACTS,
        "papers": [[1, None], [2, None]],
        "facts_sha256": "0" * 64,
        "policy_version_id": 1,
        "requested_by_id": OFFICER,
        "requested_at": TUESDAY,
        "state": state,
        **more,
    }


def _approval(request_id: int, role: str, place: str, person: int, **more: Any) -> dict[str, Any]:
    return {
        "request_id": request_id,
        "asked_role": role,
        "post": f"{role}@{place}",
        "person_id": person,
        "asked_at": TUESDAY,
        "state": "pending",
        **more,
    }


def _mail(key: str, kind: str, person: int, facts: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "key": key,
        "kind": kind,
        "person_id": person,
        "project_id": PROJECT,
        "facts": facts,
        "priority": 1,
        "state": "queued",
        "created_at": TUESDAY,
        "due_at": TUESDAY,
        "attempts": 0,
        **more,
    }


def _policy() -> dict[str, Any]:
    source = POLICY.read_text("utf-8")
    sha256 = hashlib.sha256(source.encode()).hexdigest()
    return {"name": "jinhua", "source": source, "sha256": sha256, "adopted_at": TUESDAY}


ROWS: dict[str, list[dict[str, Any]]] = {
    "people": _people(),
    "policy_versions": [_policy()],
    "teams": [
        {"key": "general-headquarters", "kind": "general_headquarters"}
        | {"name_zh": "市招商总部", "name_en": "General headquarters"},
        {"key": "special-team-3", "kind": "special_team"}
        | {"name_zh": "第三专班", "name_en": "Special team 3"},
    ],
    "units": [
        {"code": "330700", "kind": "municipality", "name_zh": "金华市", "name_en": "Jinhua"},
        {"code": "330781", "kind": "county_level_city", "name_zh": "兰溪市", "name_en": "Lanxi"}
        | {"parent_code": "330700", "special_team_key": "special-team-3"},
    ],
    "posts": [
        {"role": "unit_leader", "place": "330781", "unit_code": "330781"},
        {"role": "general_headquarters_director", "place": "general-headquarters"}
        | {"team_key": "general-headquarters"},
    ],
    "post_holders": [
        {"post_id": 1, "person_id": LEADER, "from_day": date(2020, 1, 1)},
        {"post_id": 2, "person_id": DIRECTOR, "from_day": date(2020, 1, 1)},
    ],
    "projects": [_project("JH-2026-00001"), _project("JH-2026-00002")],
    "stage_visits": [_visit(PROJECT), _visit(OTHER_PROJECT)],
    "stage_changes": [_change(PROJECT), _change(OTHER_PROJECT)],
    "evidence": [_paper("contract"), _paper("joint_review_minutes")],
    "approval_requests": [
        _request(PROJECT, "sign", "pending", reason="合同已谈妥"),
        _request(OTHER_PROJECT, "lose", "rejected", settled_at=TUESDAY, settled_by_id=LEADER),
    ],
    "approvals": [
        _approval(
            *(PENDING, "unit_leader", "330781", LEADER),
            **{"state": "approved", "answer": "approve", "answered_at": TUESDAY, "comment": "好"},
        ),
        _approval(
            *(PENDING, "general_headquarters_director", "general-headquarters", DIRECTOR),
        ),
        _approval(
            *(SETTLED, "unit_leader", "330781", LEADER),
            **{"state": "rejected", "answer": "reject", "answered_at": TUESDAY, "comment": "不"},
        ),
        _approval(
            *(SETTLED, "general_headquarters_director", "general-headquarters", STAND_IN),
            **{"state": "moot", "on_behalf_of_id": DIRECTOR},
        ),
    ],
    "mails": [
        _mail("asked/1/4", "approval_asked", DIRECTOR, ASKED, request_id=PENDING),
        _mail("settled/2/1", "request_settled", OFFICER, OVER, request_id=SETTLED),
        _mail("moved/1/1", "stage_changed", OWNER, MOVED),
        *(
            _mail(f"asked/{request}/{person}", "approval_asked", person, ASKED, request_id=request)
            | {"state": "accepted", "due_at": None, "settled_at": TUESDAY}
            for request, person in ((PENDING, LEADER), (SETTLED, LEADER), (SETTLED, STAND_IN))
        ),
    ],
    "link_tokens": [
        {"sha256": hashlib.sha256(TOKEN.encode()).hexdigest(), "purpose": "approval", "mail_id": 1}
        | {"person_id": DIRECTOR, "request_id": PENDING, "minted_at": TUESDAY}
        | {"expires_at": datetime(2100, 1, 1, tzinfo=UTC)}
    ],
}
"""By table, each after those that it refers to; ids count from 1."""


def fill(database: Database) -> None:
    with database.writing() as session:
        for name, rows in ROWS.items():
            table = Table(name, MetaData(), autoload_with=session.connection())
            for row in rows:
                session.execute(table.insert(), row)


def everything(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Return every row of every table, as the database itself describes them."""
    found = MetaData()
    with database.reading() as session:
        found.reflect(session.connection())
        return {
            name: [
                dict(row)
                for row in session.execute(select(table).order_by(*table.primary_key)).mappings()
            ]
            for name, table in found.tables.items()
        }
