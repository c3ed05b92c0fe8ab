"""Large amounts: behind a link, only the code from a second mail lets an answer through."""

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from db.models import Approval, Code, Mail, Project
from db.session import Database
from notifications import codes
from state_machines.approvals import Answer, ApprovalState
from tests.builders import BILLION, MILLION, Staff, ask_to_sign
from tests.clock import WallClock
from tests.web.browser import act_as, shown
from tests.web.links import decide, everything, mint, opened

Page = tuple[int, str]


@pytest.fixture
def large(database: Database, clock: WallClock, staff: Staff, client: TestClient) -> Page:
    """A request of 5 bn, and its page as the special team's lead has opened it by link."""
    with database.writing() as session:
        _, request_id = ask_to_sign(session, staff, now=clock(), investment=5 * BILLION)
        token = mint(session, request_id, staff.special_team_lead, clock)
    return request_id, opened(client, token)


def mailed_code(database: Database, clock: WallClock) -> str:
    """The code, as it stands in the newest mail that brings one."""
    with database.writing() as session:
        mail = session.scalars(
            select(Mail).where(Mail.kind == "decision_code").order_by(Mail.id.desc())
        ).first()
        assert mail is not None
        assert mail.request_id is not None
        return codes.mint(
            session,
            mail_id=mail.id,
            person_id=mail.person_id,
            request_id=mail.request_id,
            now=clock(),
        )


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def state_of(database: Database, person_id: int) -> ApprovalState:
    with database.reading() as session:
        return session.scalars(select(Approval.state).where(Approval.person_id == person_id)).one()


@pytest.mark.parametrize(
    ("investment", "asks"), [(5 * BILLION - MILLION, False), (5 * BILLION, True)]
)
def test_the_page_asks_for_a_code_from_the_amount_on(
    client: TestClient,
    database: Database,
    clock: WallClock,
    staff: Staff,
    investment: int,
    asks: bool,
) -> None:
    with database.writing() as session:
        _, request_id = ask_to_sign(session, staff, now=clock(), investment=investment)
        asked = staff.special_team_lead if asks else staff.unit_leader
        token = mint(session, request_id, asked, clock)

    page = client.get(opened(client, token)).text

    assert ('name="code"' in page) is asks


def test_a_link_alone_decides_nothing_and_what_was_typed_stays(
    client: TestClient, large: Page, database: Database, staff: Staff
) -> None:
    before = everything(database)

    answer = decide(client, large[1], large[0], answer="approve", comment="可行")

    assert answer.status_code == 422
    assert "只凭链接不够" in shown(answer) or "验证码" in shown(answer)
    assert 'value="approve" required checked' in answer.text
    assert ">可行</textarea>" in answer.text
    assert everything(database) == before


def test_asking_for_the_code_keeps_the_choice_and_the_comment(
    client: TestClient, large: Page, database: Database, staff: Staff
) -> None:
    form = {"request": large[0], "answer": "reject", "comment": "用地未落实"}

    sent = client.post(f"{large[1]}/code", data=form)
    again = client.post(f"{large[1]}/code", data=form)

    assert (sent.status_code, again.status_code) == (200, 200)
    assert "验证码已另行发送邮件" in shown(sent)
    assert 'value="reject" required checked' in sent.text
    assert ">用地未落实</textarea>" in sent.text
    with database.reading() as session:
        [mail] = session.scalars(select(Mail).where(Mail.kind == "decision_code"))
        assert mail.person_id == staff.special_team_lead


def test_the_right_code_lets_the_answer_through_once(
    client: TestClient, large: Page, database: Database, clock: WallClock, staff: Staff
) -> None:
    client.post(f"{large[1]}/code")
    code = mailed_code(database, clock)

    answer = decide(client, large[1], large[0], answer="approve", code=f" {code[:3]} {code[3:]} ")

    assert answer.status_code == 303
    assert state_of(database, staff.special_team_lead) is ApprovalState.APPROVED
    with database.reading() as session:
        assert session.scalars(select(Code.spent_at)).one() is not None


def test_five_wrong_codes_are_counted_and_end_the_code(
    client: TestClient, large: Page, database: Database, clock: WallClock, staff: Staff
) -> None:
    client.post(f"{large[1]}/code")
    code = mailed_code(database, clock)

    tries = [
        decide(client, large[1], large[0], answer="approve", comment="好", code=wrong(code))
        for _ in range(5)
    ]
    too_late = decide(client, large[1], large[0], answer="approve", code=code)

    assert {each.status_code for each in (*tries, too_late)} == {422}
    assert all(">好</textarea>" in each.text for each in tries)
    assert "value=" + f'"{wrong(code)}"' not in tries[0].text
    with database.reading() as session:
        assert session.scalars(select(Code.tries)).one() == 5
    assert state_of(database, staff.special_team_lead) is ApprovalState.PENDING


def test_a_code_is_too_old_after_ten_minutes(
    client: TestClient, large: Page, database: Database, clock: WallClock, staff: Staff
) -> None:
    client.post(f"{large[1]}/code")
    code = mailed_code(database, clock)
    clock.forward(minutes=10)

    answer = decide(client, large[1], large[0], answer="approve", code=code)

    assert answer.status_code == 422
    assert state_of(database, staff.special_team_lead) is ApprovalState.PENDING


def test_a_code_stays_good_while_the_reason_is_still_missing(
    client: TestClient, large: Page, database: Database, clock: WallClock, staff: Staff
) -> None:
    client.post(f"{large[1]}/code")
    code = mailed_code(database, clock)

    without = decide(client, large[1], large[0], answer="reject", code=code)
    with_reason = decide(
        client, large[1], large[0], answer="reject", comment="用地未落实", code=code
    )

    assert f'value="{code}"' in without.text
    assert (without.status_code, with_reason.status_code) == (422, 303)
    assert state_of(database, staff.special_team_lead) is ApprovalState.REJECTED


def test_whoever_is_known_here_needs_no_code(
    client: TestClient, large: Page, database: Database, staff: Staff
) -> None:
    with database.reading() as session:
        number = session.scalars(select(Project.number)).one()
    act_as(client, staff.special_team_lead)

    answer = client.post(
        f"/projects/{number}/requests/{large[0]}/answer", data={"answer": Answer.APPROVE}
    )

    assert answer.status_code == 303
    assert state_of(database, staff.special_team_lead) is ApprovalState.APPROVED


def test_whoever_has_answered_is_sent_no_further_code(
    client: TestClient, large: Page, database: Database, clock: WallClock
) -> None:
    client.post(f"{large[1]}/code")
    decide(client, large[1], large[0], answer="approve", code=mailed_code(database, clock))
    clock.forward(minutes=5)

    after = client.post(f"{large[1]}/code")

    assert "您已答复" in shown(after)
    with database.reading() as session:
        assert len(session.scalars(select(Mail).where(Mail.kind == "decision_code")).all()) == 1
