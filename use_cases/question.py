"""What the mail says that asks one person: the request as it was frozen, and why they are asked."""

from datetime import date
from typing import TypeVar

from db.models import ApprovalRequest
from notifications.mails import ApprovalAsked, FactChange, ProjectName
from state_machines.approvals import ApprovalState
from state_machines.facts import changed_facts
from state_machines.gates import RequirementKey

Kind = TypeVar("Kind", bound=ApprovalAsked)


def question(
    request: ApprovalRequest,
    person_id: int,
    kind: type[Kind],
    *,
    answer_by: date | None,
    **more: str | None,
) -> Kind:
    """Return the facts of the mail that asks one person, as the request froze them."""
    mine = [
        each
        for each in request.current
        if each.person_id == person_id and each.state is ApprovalState.PENDING
    ]
    holder = next((each.on_behalf_of for each in mine if each.on_behalf_of), None)
    terms, before = request.terms or {}, request.previous.facts if request.previous else {}
    return kind(
        project=ProjectName.of(request.project),
        request_id=request.id,
        subject=request.subject,
        before=request.before,
        after=request.after,
        until=date.fromisoformat(terms["until"]) if "until" in terms else None,
        days=terms.get("days"),
        investment=request.facts["investment"],
        requested_by=request.requested_by.name,
        reason=request.reason,
        posts=tuple(dict.fromkeys(each.post for each in mine)),
        because=mine[0].because,
        note=next((each.note for each in mine if each.note), None),
        answer_by=answer_by,
        then_expires=request.superior_added,
        on_behalf_of=holder.name if holder else None,
        waived=tuple(RequirementKey(each) for each in request.waived or ()),
        asked_again=request.previous_id is not None,
        changed=tuple(
            FactChange(field=name, before=before.get(name), after=request.facts[name])
            for name in changed_facts(before, request.facts)
            if before
        ),
        **more,
    )
