"""Projects, their visits to stages, and what is written down about them."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from db.base import Base, Id, Ref, Yuan
from db.models.people import Person
from db.models.places import Team, Unit
from state_machines.dates import PartialDate
from state_machines.deadlines import Wait
from state_machines.facts import EvidenceKind, Manufacturing
from state_machines.stages import Move, Stage


class Origin(StrEnum):
    """Where a project's row came from."""

    IMPORT = "import"
    SAMPLE = "sample"


class NoteKind(StrEnum):
    """The kinds of progress note that count: a closed list."""

    VISIT = "visit"
    MEETING = "meeting"
    AGREEMENT = "agreement"
    FUNDING = "funding"
    PERMIT = "permit"
    CONSTRUCTION = "construction"


class NumberSeries(Base):
    """The last number given out in a series, such as the projects of a year."""

    __tablename__ = "number_series"

    series: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int]


class Project(Base):
    """What moves through the stages. Facts are named as in `state_machines.facts`."""

    __tablename__ = "projects"
    __table_args__ = (
        CheckConstraint("name_zh IS NOT NULL OR name_en IS NOT NULL", name="named"),
        CheckConstraint("investment >= 0", name="investment_not_negative"),
        # The sweep reads only what is due; the lists page by number.
        Index("ix_projects_due", "next_rung_at"),
        Index("ix_projects_unit_stage", "unit_code", "stage", "id"),
        Index("ix_projects_stage", "stage", "id"),
        Index("ix_projects_name_zh", "name_zh", "unit_code"),
        Index("ix_projects_name_en", "name_en", "unit_code"),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(unique=True)
    origin: Mapped[Origin]
    source: Mapped[str | None]
    created_at: Mapped[datetime]

    name_zh: Mapped[str | None]
    name_en: Mapped[str | None]
    investor: Mapped[str | None]
    investor_contact: Mapped[str | None]
    unit_code: Mapped[str] = mapped_column(ForeignKey(Unit.code))
    headquarters_key: Mapped[str | None] = mapped_column(ForeignKey(Team.key))
    special_team_key: Mapped[str | None] = mapped_column(ForeignKey(Team.key))
    owner_id: Mapped[Ref | None] = mapped_column(ForeignKey(Person.id), index=True)
    industry: Mapped[str | None]
    manufacturing: Mapped[Manufacturing | None]
    investment: Mapped[Yuan | None]
    marked_major: Mapped[bool] = mapped_column(default=False)
    needs_factory: Mapped[bool | None]
    contract_number: Mapped[str | None]
    contract_date: Mapped[PartialDate | None]
    planned_start: Mapped[PartialDate | None]
    site: Mapped[str | None]
    area: Mapped[int | None]
    funds_required: Mapped[Yuan | None]
    funds_ready: Mapped[Yuan | None]
    funds_certified_on: Mapped[date | None]
    funds_certificate_until: Mapped[date | None]
    funds_certified_by_id: Mapped[Ref | None] = mapped_column(ForeignKey(Person.id))
    start_date: Mapped[PartialDate | None]
    permit_number: Mapped[str | None]

    stage: Mapped[Stage]
    stage_before: Mapped[Stage | None]
    """Where the project was before this stage: what reviving and annulling a start lead back to."""
    edition: Mapped[int] = mapped_column(default=1)
    """Counts the edits, so that two people who edit at once find out."""
    last_material_editor_id: Mapped[Ref | None] = mapped_column(ForeignKey(Person.id))

    next_rung_at: Mapped[datetime | None]
    """When the next rung is due: 09:00 of a working day in Asia/Shanghai."""
    rungs_not_before: Mapped[date | None]
    """No rung before this day: what a new policy made due at once has a little time."""
    frozen_at: Mapped[datetime | None]
    """Since when neither moves nor clocks go on: an approver disowns a decision."""
    yellow_at: Mapped[datetime | None]
    red_at: Mapped[datetime | None]
    parked_until: Mapped[datetime | None]
    parked_error: Mapped[str | None]

    history_seq: Mapped[int] = mapped_column(default=0)
    audit_seq: Mapped[int] = mapped_column(default=0)
    audit_hash: Mapped[str] = mapped_column(default="")

    unit: Mapped[Unit] = relationship()
    headquarters: Mapped[Team | None] = relationship(foreign_keys=headquarters_key)
    special_team: Mapped[Team | None] = relationship(foreign_keys=special_team_key)
    owner: Mapped[Person | None] = relationship(foreign_keys=owner_id)
    evidence: Mapped[list["Evidence"]] = relationship(order_by="Evidence.id")

    @property
    def name(self) -> str:
        return self.name_zh or self.name_en or self.number


class StageVisit(Base):
    """One stay of a project in a stage. Days are working days.

    A visit that resumes an earlier one goes on with its clocks: `root_id` names the first of
    them, under which rungs fire, and the `…_used` days were spent before this visit began.
    """

    __tablename__ = "stage_visits"
    __table_args__ = (
        Index(
            "uq_stage_visits_open",
            "project_id",
            unique=True,
            sqlite_where=text("left_at IS NULL"),
            postgresql_where=text("left_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    project_id: Mapped[Ref] = mapped_column(ForeignKey(Project.id), index=True)
    root_id: Mapped[Ref | None] = mapped_column(ForeignKey("stage_visits.id"))
    stage: Mapped[Stage]
    entered_at: Mapped[datetime]
    left_at: Mapped[datetime | None]

    stage_origin: Mapped[date]
    stage_used: Mapped[int] = mapped_column(default=0)
    stage_episode: Mapped[int] = mapped_column(default=1)
    silence_origin: Mapped[date]
    silence_used: Mapped[int] = mapped_column(default=0)
    silence_episode: Mapped[int] = mapped_column(default=1)

    project: Mapped[Project] = relationship()

    @property
    def clock_id(self) -> int:
        """The visit under which this visit's rungs fire."""
        return self.root_id or self.id

    @property
    def stage_wait(self) -> Wait:
        """How long the stage clock has run; `silence_wait` is the same for silence."""
        return Wait(self.stage_origin, self.stage_used)

    @stage_wait.setter
    def stage_wait(self, wait: Wait) -> None:
        self.stage_origin, self.stage_used = wait.origin, wait.used

    @property
    def silence_wait(self) -> Wait:
        return Wait(self.silence_origin, self.silence_used)

    @silence_wait.setter
    def silence_wait(self, wait: Wait) -> None:
        self.silence_origin, self.silence_used = wait.origin, wait.used


class Hold(Base):
    """A time in which a project's clocks stand still: from the day it was granted, to its end."""

    __tablename__ = "holds"

    id: Mapped[Id]
    project_id: Mapped[Ref] = mapped_column(ForeignKey(Project.id), index=True)
    visit_id: Mapped[Ref] = mapped_column(ForeignKey(StageVisit.id))
    request_id: Mapped[Ref] = mapped_column(ForeignKey("approval_requests.id"))
    from_day: Mapped[date]
    until_day: Mapped[date]
    """The last day that stands still, as granted."""
    ended_on: Mapped[date | None]
    """The day it ended before its time, by a move on."""
    reason: Mapped[str]


class Extension(Base):
    """More time for a stage: from the day it was granted, so many working days are left."""

    __tablename__ = "extensions"

    id: Mapped[Id]
    project_id: Mapped[Ref] = mapped_column(ForeignKey(Project.id), index=True)
    visit_id: Mapped[Ref] = mapped_column(ForeignKey(StageVisit.id))
    request_id: Mapped[Ref] = mapped_column(ForeignKey("approval_requests.id"))
    granted_on: Mapped[date]
    days: Mapped[int]
    gained: Mapped[int]
    """By how many working days the stage's due dates moved: less than `days` if some were left."""
    reason: Mapped[str]


class StageChange(Base):
    """One step a project has taken: its history. Written once, never changed."""

    __tablename__ = "stage_changes"
    __table_args__ = (UniqueConstraint("project_id", "seq"),)

    id: Mapped[Id]
    project_id: Mapped[Ref] = mapped_column(ForeignKey(Project.id))
    seq: Mapped[int]
    move: Mapped[Move | None]
    """None where the project entered Luodi at this stage by import."""
    before: Mapped[Stage | None]
    after: Mapped[Stage]
    by_id: Mapped[Ref | None] = mapped_column(ForeignKey(Person.id))
    """None where the machine did it."""
    effective_on: Mapped[PartialDate]
    recorded_at: Mapped[datetime]
    reason: Mapped[str | None]
    request_id: Mapped[Ref | None] = mapped_column(ForeignKey("approval_requests.id"))
    policy_version_id: Mapped[Ref] = mapped_column(ForeignKey("policy_versions.id"))
    waived: Mapped[list[str] | None]
    """The requirements that an override let pass; a move against the gate shows for ever."""

    by: Mapped[Person | None] = relationship()


class Evidence(Base):
    """A file or a reference that proves a requirement."""

    __tablename__ = "evidence"

    id: Mapped[Id]
    project_id: Mapped[Ref] = mapped_column(ForeignKey(Project.id), index=True)
    kind: Mapped[EvidenceKind]
    title: Mapped[str]
    reference: Mapped[str | None]
    """Where the paper lies (a file number, an address) if no file was handed in."""
    file_sha256: Mapped[str | None]
    file_name: Mapped[str | None]
    file_size: Mapped[int | None]
    media_type: Mapped[str | None]
    added_by_id: Mapped[Ref] = mapped_column(ForeignKey(Person.id))
    added_at: Mapped[datetime]

    added_by: Mapped[Person] = relationship()


class ProgressNote(Base):
    """A dated statement of progress; it starts a new episode of the silence clock."""

    __tablename__ = "progress_notes"

    id: Mapped[Id]
    project_id: Mapped[Ref] = mapped_column(ForeignKey(Project.id), index=True)
    kind: Mapped[NoteKind]
    text: Mapped[str]
    effective_on: Mapped[date]
    recorded_at: Mapped[datetime]
    by_id: Mapped[Ref] = mapped_column(ForeignKey(Person.id))

    by: Mapped[Person] = relationship()
