"""Behind a link in a round of steps: why its reader is asked, until when, and what comes after."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from db.models import Approval, Hold, Project, StageVisit
from db.session import Database
from state_machines.posts import GENERAL_HEADQUARTERS, Role
from state_machines.working_days import local_day
from tests.builders import (
    BILLION,
    CALENDAR,
    LONG_AGO,
    TEAM_OF_LANXI,
    Staff,
    add_holder,
    adopt_instead,
    ask_to_sign,
    vacate,
)
from tests.clock import WallClock
from tests.web.browser import name_of, shown
from tests.web.links import decide, everything, mint, opened
from use_cases.ask_for_extension import ask_for_extension
from use_cases.ask_for_hold import ask_for_hold
from use_cases.reassign import reassign
from use_cases.reroute import reroute_requests

Asking = Callable[[Session, int, int, WallClock], int]


@pytest.fixture
def serial(database: Database, clock: WallClock, staff: Staff) -> tuple[int, str]:
    """A request that asks the leader, then the director; and the leader's link."""
    with database.writing() as session:
        _, request_id = ask_to_sign(session, staff, now=clock(), investment=2 * BILLION)
        return request_id, mint(session, request_id, staff.unit_leader, clock)


def test_the_page_says_which_step_until_when_and_who_comes_after(
    client: TestClient, serial: tuple[int, str]
) -> None:
    page = shown(client.get(opened(client, serial[1])))

    assert "第1步，共2步" in page
    assert "答复期限2026年3月9日：还剩5个工作日" in page
    assert "您同意后，还须以下岗位同意： 总指挥部主任" in page


def test_the_second_step_sees_what_the_first_has_answered(
    client: TestClient, serial: tuple[int, str], database: Database, clock: WallClock, staff: Staff
) -> None:
    decide(client, opened(client, serial[1]), serial[0], answer="approve", comment="条件成熟")
    with database.writing() as session:
        token = mint(session, serial[0], staff.director, clock)

    page = shown(client.get(opened(client, token)))

    assert "第2步，共2步" in page
    assert "条件成熟" in page.split("前面各步的答复情况")[1]
    assert "您同意后，项目立即进入“签约”" in page


def test_one_yes_for_two_posts_is_told_that_a_second_person_comes_after(
    client: TestClient, database: Database, clock: WallClock, staff: Staff
) -> None:
    with database.writing() as session:
        vacate(session, staff.unit_leader, last_day=LONG_AGO)
        _, request_id = ask_to_sign(session, staff, now=clock(), investment=2 * BILLION)
        token = mint(session, request_id, staff.director, clock)

    page = shown(client.get(opened(client, token)))

    assert "代替岗位：县市区主要负责人" in page
    assert "还须以下岗位同意： 另一位审批人" in page


@pytest.mark.parametrize(
    ("step", "after"),
    [
        ('needs = "any"', "您同意后，项目立即进入“签约”"),
        ('needs = "all"', "还须以下岗位同意： 专班负责人（第三专班） 市投资促进中心主任"),
        ("needs = 2", "还须以下岗位同意： 专班负责人（第三专班） 市投资促进中心主任"),
        ("needs = 1, veto = false", "您同意后，项目立即进入“签约”"),
    ],
)
def test_what_a_yes_leads_to_hangs_on_how_many_must_agree(
    client: TestClient, database: Database, clock: WallClock, staff: Staff, step: str, after: str
) -> None:
    posts = '"unit_leader", "special_team_lead", "promotion_center_head"'
    with database.writing() as session:
        adopt_instead(
            session, 'under_1bn = ["unit_leader"]', f"under_1bn = [{{ asks = [{posts}], {step} }}]",
            now=clock(),
        )  # fmt: skip
        _, request_id = ask_to_sign(session, staff, now=clock(), special_team_key=TEAM_OF_LANXI)
        token = mint(session, request_id, staff.unit_leader, clock)

    assert after in shown(client.get(opened(client, token)))


def test_who_was_outvoted_in_one_step_answers_in_the_next(
    client: TestClient, database: Database, clock: WallClock, staff: Staff
) -> None:
    vote = '{ asks = ["unit_leader", "promotion_center_head"], needs = 1, veto = false }'
    with database.writing() as session:
        adopt_instead(
            session, 'under_1bn = ["unit_leader"]', f'under_1bn = [{vote}, "unit_leader"]',
            now=clock(),
        )  # fmt: skip
        _, request_id = ask_to_sign(session, staff, now=clock())
        leader = mint(session, request_id, staff.unit_leader, clock)
        head = mint(session, request_id, staff.promotion_center_head, clock)
    decide(client, opened(client, leader), request_id, answer="reject", comment="条件未到")
    decide(client, opened(client, head), request_id, answer="approve")
    with database.writing() as session:
        again = mint(session, request_id, staff.unit_leader, clock)

    page = opened(client, again)
    asked = client.get(page)
    answered = decide(client, page, request_id, answer="approve")
    after = shown(client.get(answered.headers["location"]))

    assert 'name="answer"' in asked.text
    assert "条件未到" in shown(asked)
    assert answered.status_code == 303
    assert "您已于2026年3月2日 09:00答复“同意”" in after


def test_who_is_asked_in_place_of_another_reads_why_and_what_was_written(
    client: TestClient, serial: tuple[int, str], database: Database, clock: WallClock, staff: Staff
) -> None:
    with database.writing() as session:
        reassign(
            session, serial[0], from_id=staff.unit_leader, to_id=staff.director,
            reason="本人出差至下月", by=staff.unit_leader, now=clock(), calendar=CALENDAR,
        )  # fmt: skip
        token = mint(session, serial[0], staff.director, clock)

    page = shown(client.get(opened(client, token)))

    assert "事项已转交" in page
    assert "本人出差至下月" in page
    assert "代替岗位：县市区主要负责人" in page


def test_an_old_link_says_who_is_asked_now_after_reassignment(
    client: TestClient, serial: tuple[int, str], database: Database, clock: WallClock, staff: Staff
) -> None:
    page = opened(client, serial[1])
    with database.writing() as session:
        reassign(
            session, serial[0], from_id=staff.unit_leader, to_id=staff.director,
            reason="本人出差", by=staff.unit_leader, now=clock(), calendar=CALENDAR,
        )  # fmt: skip

    look, late = client.get(page), decide(client, page, serial[0], answer="approve")

    assert look.status_code == 410
    assert late.status_code == 403
    assert "无需您再答复" in shown(look)
    assert name_of(database, staff.director) in shown(look).split("现由谁审批 ")[1]


def test_an_old_link_says_who_is_asked_now_after_its_reader_left_the_post(
    client: TestClient, serial: tuple[int, str], database: Database, clock: WallClock, staff: Staff
) -> None:
    page = opened(client, serial[1])
    clock.forward(days=1)
    with database.writing() as session:
        vacate(session, staff.unit_leader, last_day=date(2026, 3, 2))
        not_yet_rerouted = session.scalars(
            select(Approval.state).where(Approval.person_id == staff.unit_leader)
        ).one()
    client.get(f"/a/{serial[1]}")
    before = client.get(page)
    with database.writing() as session:
        reroute_requests(session, now=clock(), calendar=CALENDAR)
    after = client.get(page)

    assert not_yet_rerouted == "pending"
    assert (before.status_code, after.status_code) == (410, 410)
    assert "<form" not in before.text
    assert name_of(database, staff.director) in shown(after).split("现由谁审批 ")[1]


def test_a_hold_is_said_with_its_reason_and_the_link_still_answers(
    client: TestClient, serial: tuple[int, str], database: Database, clock: WallClock
) -> None:
    with database.writing() as session:
        visit = session.scalars(select(StageVisit)).one()
        session.add(
            Hold(
                project_id=visit.project_id,
                visit_id=visit.id,
                request_id=serial[0],
                from_day=local_day(clock()),
                until_day=date(2026, 4, 10),
                reason="等待土地指标",
            )
        )
    page = opened(client, serial[1])

    look = shown(client.get(page))
    answered = decide(client, page, serial[0], answer="approve")

    assert "项目暂缓至2026年4月10日，答复期限暂停计算。原因：等待土地指标" in look
    assert answered.status_code == 303


def test_while_the_project_is_frozen_the_page_says_so_and_decides_nothing(
    client: TestClient, serial: tuple[int, str], database: Database, clock: WallClock
) -> None:
    with database.writing() as session:
        session.execute(update(Project).values(frozen_at=clock()))
    before = everything(database)
    page = opened(client, serial[1])

    look, late = client.get(page), decide(client, page, serial[0], answer="approve")

    assert (look.status_code, late.status_code) == (200, 409)
    for answer in (look, late):
        assert "项目已冻结" in shown(answer)
        assert "<form" not in answer.text
    assert everything(database) == before


def ask_hold(session: Session, project_id: int, by: int, clock: WallClock) -> int:
    return ask_for_hold(
        session, project_id, until=date(2026, 4, 10), reason="等待土地指标", by=by, now=clock(),
        calendar=CALENDAR,
    ).request_id  # fmt: skip


def ask_extension(session: Session, project_id: int, by: int, clock: WallClock) -> int:
    return ask_for_extension(
        session, project_id, days=15, reason="等待土地指标", by=by, now=clock(), calendar=CALENDAR
    ).request_id


@pytest.mark.parametrize(
    ("ask", "what"),
    [(ask_hold, "暂缓至2026年4月10日"), (ask_extension, "自批准之日起尚余15个工作日")],
)
def test_more_time_is_asked_for_and_granted_in_its_own_words(
    client: TestClient,
    ready: str,
    database: Database,
    clock: WallClock,
    staff: Staff,
    ask: Asking,
    what: str,
) -> None:
    with database.writing() as session:
        project_id = session.scalars(select(Project.id)).one()
        request_id = ask(session, project_id, staff.officer, clock)
        token = mint(session, request_id, staff.unit_leader, clock)
    page = opened(client, token)

    look = shown(client.get(page))
    answered = decide(client, page, request_id, answer="approve")
    after = shown(client.get(answered.headers["location"]))

    assert what in look
    assert "您同意后立即批准" in look
    assert "是否可由" not in look
    assert what in after


def test_of_two_holders_of_a_post_the_second_is_told_that_it_is_answered(
    client: TestClient, serial: tuple[int, str], database: Database, clock: WallClock, staff: Staff
) -> None:
    with database.writing() as session:
        second = add_holder(session, Role.GENERAL_HEADQUARTERS_DIRECTOR, GENERAL_HEADQUARTERS)
    decide(client, opened(client, serial[1]), serial[0], answer="approve")
    with database.writing() as session:
        first_link = mint(session, serial[0], staff.director, clock)
        second_link = mint(session, serial[0], second, clock)
    theirs = opened(client, second_link)
    decide(client, opened(client, first_link), serial[0], answer="reject", comment="时机未到")

    page = client.get(theirs)

    assert page.status_code == 410
    assert "时机未到" in shown(page)
