"""The tables. Rows hold facts and relations; the rules live in `state_machines`."""

from db.base import Base
from db.models.approvals import Approval, ApprovalRequest, Code, Freeze
from db.models.mails import LinkPurpose, LinkToken, Mail, MailState
from db.models.orders import FiringKind, Order, OrderEnd, OrderNotice, RungFiring
from db.models.people import Delegation, Person, Post, PostHolder
from db.models.places import Team, TeamKind, Unit, UnitKind
from db.models.policies import PolicyVersion
from db.models.projects import (
    Evidence,
    Extension,
    Hold,
    NoteKind,
    NumberSeries,
    Origin,
    ProgressNote,
    Project,
    StageChange,
    StageVisit,
)
from db.models.trail import AuditEntry

__all__ = [
    "Approval",
    "ApprovalRequest",
    "AuditEntry",
    "Base",
    "Code",
    "Delegation",
    "Evidence",
    "Extension",
    "FiringKind",
    "Freeze",
    "Hold",
    "LinkPurpose",
    "LinkToken",
    "Mail",
    "MailState",
    "NoteKind",
    "NumberSeries",
    "Order",
    "OrderEnd",
    "OrderNotice",
    "Origin",
    "Person",
    "PolicyVersion",
    "Post",
    "PostHolder",
    "ProgressNote",
    "Project",
    "RungFiring",
    "StageChange",
    "StageVisit",
    "Team",
    "TeamKind",
    "Unit",
    "UnitKind",
]
