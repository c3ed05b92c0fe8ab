"""A request as `luodi approvals show` prints it."""

from collections.abc import Iterable, Iterator
from typing import Any

from db.models import Approval
from db.queries.request_dossier import FactChange, RequestDossier
from state_machines.pauses import lack
from state_machines.working_days import WorkCalendar
from words.days import day, moment
from words.fields import field_label
from words.labels import label
from words.money import amount
from words.refusals import listed
from words.rounds import asked_in_words, step_in_words
from words.translations import gettext

_AMOUNTS = ("investment", "funds_required", "funds_ready")


def as_text(found: RequestDossier, calendar: WorkCalendar) -> str:
    return "\n".join([*_head(found, calendar), *_steps(found), *_rest(found)])


def _head(found: RequestDossier, calendar: WorkCalendar) -> Iterator[str]:
    request = found.request
    yield f"{request.project.number}  {request.project.name}"
    yield asked_in_words(request.subject, request.before, request.after, request.terms)
    yield gettext("State: %(state)s", state=label(request.state))
    yield gettext(
        "Asked by: %(person)s, %(moment)s",
        person=request.requested_by.name,
        moment=moment(request.requested_at),
    )
    if request.reason:
        yield gettext("Reason: %(reason)s", reason=_on_one_line(request.reason))
    yield gettext("Investment: %(amount)s", amount=amount(request.facts["investment"]))
    if request.waived:
        yield gettext("Against the gate, without: %(waived)s", waived=_requirements(request.waived))
    if request.missing:
        yield gettext("The gate lacked: %(missing)s", missing=_requirements(request.missing))
    if found.answer_by:
        yield gettext(
            "To be answered by %(day)s; expires after %(last)s",
            day=day(found.answer_by),
            last=day(found.expires_after(calendar)),
        )
    if request.project.frozen_at:
        yield gettext("Frozen since %(moment)s", moment=moment(request.project.frozen_at))
    if found.hold:
        yield gettext(
            "On hold until %(day)s: %(reason)s",
            day=day(found.hold.until_day),
            reason=_on_one_line(found.hold.reason),
        )
    if request.nobody_since:
        yield gettext("Nobody may answer since %(moment)s", moment=moment(request.nobody_since))


def _steps(found: RequestDossier) -> Iterator[str]:
    for seen in found.steps:
        yield gettext(
            "Step %(number)d, %(standing)s: %(step)s",
            number=seen.number,
            standing=label(seen.standing),
            step=step_in_words(seen.step),
        )
        for each in seen.asked:
            yield f"  {_who(each)}: {_what(each)}"


def _who(row: Approval) -> str:
    if row.on_behalf_of:
        return gettext(
            "%(person)s (%(email)s) for %(holder)s",
            person=row.person.name,
            email=row.person.email,
            holder=row.on_behalf_of.name,
        )
    return f"{row.person.name} ({row.person.email})"


def _what(row: Approval) -> str:
    said = [label(row.state)]
    if row.no_longer:
        said.append(label(row.no_longer))
    if row.answered_at:
        said.append(moment(row.answered_at))
    if row.comment:
        said.append(_on_one_line(row.comment))
    if row.answer is None and row.no_longer is None:
        said.append(gettext("asked because: %(why)s", why=label(row.because)))
    if row.note:
        said.append(gettext("passed on because: %(why)s", why=_on_one_line(row.note)))
    return " · ".join(said)


def _rest(found: RequestDossier) -> Iterator[str]:
    yield from _changes(gettext("Changed since the round before:"), found.differences)
    yield from _changes(gettext("Changed since it was asked:"), found.changed_since)
    for each in found.earlier:
        yield gettext(
            "Earlier: request %(request)d, %(state)s", request=each.id, state=label(each.state)
        )
        for row in each.approvals:
            if row.comment:
                yield f"  {_who(row)}: {_what(row)}"
    if found.next_id:
        yield gettext("Asked again in request %(request)d", request=found.next_id)
    for freeze in found.freezes:
        yield gettext(
            "%(person)s says that the answer was not theirs, %(moment)s",
            person=freeze.person.name,
            moment=moment(freeze.frozen_at),
        )


def _changes(title: str, changes: list[FactChange]) -> Iterator[str]:
    if changes:
        yield title
    for each in changes:
        before, after = _fact(each.name, each.before), _fact(each.name, each.after)
        yield f"  {field_label(each.name)}: {before} → {after}"


def _fact(name: str, value: Any) -> str:
    if value is None:
        return gettext("not known yet")
    return amount(value) if name in _AMOUNTS else str(value)


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


def _requirements(keys: Iterable[str]) -> str:
    return listed(label(lack(each)) for each in keys)
