"""Facts come back from the database as they went in."""

import json

import pytest

from notifications.mails import MAILS, read
from notifications.outbox import ASKING
from tests.notifications.world import EXAMPLES


@pytest.mark.parametrize("mail", EXAMPLES, ids=lambda mail: mail.kind)
def test_a_mail_survives_being_stored(mail):
    stored = json.loads(json.dumps(mail.facts()))

    assert read(mail.kind, stored) == mail


def test_facts_that_a_mail_never_had_are_refused():
    with pytest.raises(ValueError, match="day"):
        read("orders", {"items": []})


def test_questions_and_alarms_leave_first_and_the_day_s_orders_last():
    urgent = {kind for kind, mail in MAILS.items() if mail.priority == 0}
    last = max(MAILS, key=lambda kind: MAILS[kind].priority)

    assert urgent == {*ASKING, "decision_code", "project_froze"}
    assert last == "orders"
