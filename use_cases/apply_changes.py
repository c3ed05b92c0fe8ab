"""Apply changed facts to a project, with what follows from them, for one edit or thousands."""

from collections.abc import Callable, Mapping
from typing import Any

from db.models import Project
from state_machines.facts import plain

CERTIFIED = frozenset({"funds_required", "funds_ready"})
"""What a certificate of funds certifies: once one of them changes, it certifies nothing more."""


def apply_changes(
    project: Project, changes: Mapping[str, Any], team_of_unit: Callable[[str], str | None]
) -> dict[str, dict[str, Any]]:
    """Give a project, whose lock the caller holds, new facts; return before and after as JSON.

    A project that goes to another unit goes to that unit's special team, unless another is named.
    The values are checked already.
    """
    changes = dict(changes)
    if "unit_code" in changes:
        changes.setdefault("special_team_key", team_of_unit(changes["unit_code"]))
    if CERTIFIED & changes.keys() and project.funds_certified_on is not None:
        changes |= {"funds_certified_on": None, "funds_certificate_until": None}
    before = {name: plain(getattr(project, name)) for name in changes}
    for name, value in changes.items():
        setattr(project, name, value)
    if project.funds_certified_on is None:
        project.funds_certified_by_id = None
    project.edition += 1
    return {"before": before, "after": {name: plain(value) for name, value in changes.items()}}
