"""Approvals in ordered steps, with deadlines, holds, codes, receipts and freezes.

Written so that a database in use keeps everything: on SQLite a table that others refer to is not
made anew. A request that pends goes on as one step that asks all its posts, and its time begins
on the day of the upgrade.
"""

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0319509e9da8"
down_revision = "2ae73ed27e5a"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
PENDING = "state = 'pending'"
PAUSES = "('hold', 'extension')"


def upgrade() -> None:
    _new_tables()
    _requests()
    _approvals()
    with op.batch_alter_table("link_tokens") as table:
        table.alter_column("expires_at", existing_type=sa.DateTime(timezone=True), nullable=True)
    op.add_column("policy_versions", sa.Column("effects", JSON, nullable=True))
    _refer_to_a_person("policy_versions", "adopted_by_id")
    op.add_column("projects", sa.Column("rungs_not_before", sa.Date(), nullable=True))
    op.add_column("projects", sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=True))
    _refer_to_a_person("projects", "funds_certified_by_id")
    op.add_column(
        "stage_visits", sa.Column("stage_episode", sa.Integer(), server_default="1", nullable=False)
    )
    _say_subject_in_waiting_mails()


def _refer_to_a_person(table: str, column: str) -> None:
    """Add a column that names a person, in the one way that both databases know."""
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    constraint = f"CONSTRAINT fk_{table}_{column} REFERENCES people (id)"
    op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind} {constraint}")


def _id() -> sa.Column[int]:
    return sa.Column("id", BIG, sa.Identity(always=False), nullable=False)


def _reference(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"))


def _new_tables() -> None:
    op.create_table(
        "holds",
        _id(),
        sa.Column("project_id", BIG, nullable=False),
        sa.Column("visit_id", BIG, nullable=False),
        sa.Column("request_id", BIG, nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("until_day", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        _reference("holds", "project_id", "projects"),
        _reference("holds", "visit_id", "stage_visits"),
        _reference("holds", "request_id", "approval_requests"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holds")),
    )
    op.create_table(
        "extensions",
        _id(),
        sa.Column("project_id", BIG, nullable=False),
        sa.Column("visit_id", BIG, nullable=False),
        sa.Column("request_id", BIG, nullable=False),
        sa.Column("granted_on", sa.Date(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("gained", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        _reference("extensions", "project_id", "projects"),
        _reference("extensions", "visit_id", "stage_visits"),
        _reference("extensions", "request_id", "approval_requests"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_extensions")),
    )
    op.create_table(
        "freezes",
        _id(),
        sa.Column("project_id", BIG, nullable=False),
        sa.Column("request_id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by_id", BIG, nullable=True),
        sa.Column("annulled", sa.Boolean(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        _reference("freezes", "project_id", "projects"),
        _reference("freezes", "request_id", "approval_requests"),
        _reference("freezes", "person_id", "people"),
        _reference("freezes", "ended_by_id", "people"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_freezes")),
    )
    op.create_table(
        "codes",
        _id(),
        sa.Column("request_id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("mail_id", BIG, nullable=False),
        sa.Column("salt", sa.String(), nullable=False),
        sa.Column("scrypt", sa.String(), nullable=False),
        sa.Column("minted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("proven_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("spent_at", sa.DateTime(timezone=True), nullable=True),
        _reference("codes", "request_id", "approval_requests"),
        _reference("codes", "person_id", "people"),
        _reference("codes", "mail_id", "mails"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_codes")),
    )
    for table in ("holds", "extensions", "freezes"):
        op.create_index(op.f(f"ix_{table}_project_id"), table, ["project_id"])
    op.create_index(op.f("ix_codes_request_id"), "codes", ["request_id"])


def _requests() -> None:
    requests = "approval_requests"
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date().isoformat()
    op.drop_index("uq_approval_requests_pending", requests)
    op.alter_column(
        requests, "move", new_column_name="subject"
    ) if _on_postgresql() else op.execute(f"ALTER TABLE {requests} RENAME COLUMN move TO subject")
    for column in (
        sa.Column("terms", JSON, nullable=True),
        sa.Column("written_steps", JSON, server_default="[]", nullable=False),
        sa.Column("persons", sa.Integer(), server_default="1", nullable=False),
        sa.Column("step", sa.Integer(), server_default="0", nullable=False),
        sa.Column("wait_origin", sa.Date(), server_default=today, nullable=False),
        sa.Column("wait_used", sa.Integer(), server_default="0", nullable=False),
        sa.Column("step_origin", sa.Date(), server_default=today, nullable=False),
        sa.Column("step_used", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reminded", sa.Integer(), server_default="0", nullable=False),
        sa.Column("superior_added", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("nobody_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("nudged_on", sa.Date(), nullable=True),
        sa.Column("routed_on", sa.Date(), nullable=True),
        sa.Column("next_chase_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer_by", sa.Date(), nullable=True),
    ):
        op.add_column(requests, column)
    for name, columns, where in (
        ("uq_approval_requests_pending", ["project_id"], f"{PENDING} AND subject NOT IN {PAUSES}"),
        (
            "uq_approval_requests_pending_pause",
            ["project_id", "subject"],
            f"{PENDING} AND subject IN {PAUSES}",
        ),
    ):
        op.create_index(
            name,
            requests,
            columns,
            unique=True,
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )
    op.create_index("ix_approval_requests_chase", requests, ["next_chase_at"])
    op.create_index("ix_approval_requests_asked_by", requests, ["requested_by_id", "id"])
    _write_steps()


def _on_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _write_steps() -> None:
    """Give each request one step of all the posts it asked, as it worked until now."""
    connection = op.get_bind()
    requests = sa.table(
        "approval_requests",
        sa.column("id", BIG),
        sa.column("state", sa.String()),
        sa.column("requested_at", sa.DateTime(timezone=True)),
        sa.column("written_steps", JSON),
        sa.column("next_chase_at", sa.DateTime(timezone=True)),
        sa.column("answer_by", sa.Date()),
    )
    approvals = sa.table(
        "approvals",
        sa.column("id", BIG),
        sa.column("request_id", BIG),
        sa.column("asked_role", sa.String()),
    )
    asked: dict[int, dict[str, None]] = {}
    for request_id, role in connection.execute(
        sa.select(approvals.c.request_id, approvals.c.asked_role).order_by(approvals.c.id)
    ):
        asked.setdefault(request_id, {})[role] = None
    now = datetime.now(UTC)
    for request_id, roles in asked.items():
        step = {"asks": [*roles], "needs": "all", "veto": True}
        connection.execute(
            sa.update(requests).where(requests.c.id == request_id).values(written_steps=[step])
        )
    # Chased at once, it gets its true deadline.
    connection.execute(
        sa.update(requests)
        .where(requests.c.state == "pending")
        .values(next_chase_at=now, answer_by=now.date())
    )


def _approvals() -> None:
    because = sa.case((sa.text("on_behalf_of_id IS NULL"), "holds"), else_="stands_in")
    op.add_column("approvals", sa.Column("step", sa.Integer(), server_default="0", nullable=False))
    op.add_column(
        "approvals", sa.Column("because", sa.String(32), server_default="holds", nullable=False)
    )
    op.add_column("approvals", sa.Column("note", sa.String(), nullable=True))
    op.add_column("approvals", sa.Column("no_longer", sa.String(32), nullable=True))
    op.add_column(
        "approvals", sa.Column("carried", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    table = sa.table("approvals", sa.column("because"), sa.column("no_longer"), sa.column("state"))
    op.execute(sa.update(table).values(because=because))
    op.execute(sa.update(table).where(table.c.state == "moot").values(no_longer="settled"))
    # Nothing refers to an answer, so that SQLite may make its table anew.
    with op.batch_alter_table("approvals") as batch:
        batch.drop_constraint(op.f("uq_approvals_request_id_asked_role_person_id"), type_="unique")
        batch.create_unique_constraint(
            op.f("uq_approvals_request_id_step_asked_role_person_id"),
            ["request_id", "step", "asked_role", "person_id"],
        )
    op.create_index(
        "ix_approvals_waiting",
        "approvals",
        ["person_id"],
        sqlite_where=sa.text(PENDING),
        postgresql_where=sa.text(PENDING),
    )


def _say_subject_in_waiting_mails() -> None:
    """What a request asks is its subject now, also in the facts of mails that are to leave yet."""
    connection = op.get_bind()
    mails = sa.table(
        "mails",
        sa.column("id", BIG),
        sa.column("kind", sa.String()),
        sa.column("due_at", sa.DateTime(timezone=True)),
        sa.column("facts", JSON),
    )
    waiting = sa.select(mails.c.id, mails.c.facts).where(
        mails.c.due_at.is_not(None),
        mails.c.kind.in_(["approval_asked", "fresh_link", "request_settled"]),
    )
    for mail_id, written in connection.execute(waiting).all():
        facts = json.loads(written) if isinstance(written, str) else dict(written)
        if "move" in facts:
            facts["subject"] = facts.pop("move")
            connection.execute(sa.update(mails).where(mails.c.id == mail_id).values(facts=facts))


def downgrade() -> None:
    raise NotImplementedError("back to the version before: restore the backup made before")
