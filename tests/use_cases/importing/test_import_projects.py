from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, func, select

from db.models import (
    ApprovalRequest,
    AuditEntry,
    Mail,
    NumberSeries,
    Origin,
    Person,
    Post,
    PostHolder,
    Project,
    StageChange,
    StageVisit,
)
from db.queries.policies import policy_in_force
from db.queries.projects import facts_of
from db.trail import link
from runtime.calendar import city_calendar
from state_machines.approvals import RequestState, Subject
from state_machines.posts import GENERAL_HEADQUARTERS, Role
from state_machines.stages import Stage
from state_machines.working_days import local_day
from tests.databases import on_postgresql
from tests.use_cases.importing.files import HEADINGS, csv_table, projects
from use_cases.importing.import_projects import ClockStart, ImportResult, import_projects
from use_cases.importing.reading import read_table
from use_cases.importing.rows import CheckedTable, check
from use_cases.open_request import open_request
from use_cases.seeding.seed import seed
from words.translations import Language, speaking

PRESS = Path(__file__).parents[3] / "use_cases" / "samples" / "press.csv"


@pytest.fixture
def session(database, clock):
    with database.writing() as session:
        seed(session, now=clock())
        yield session


@pytest.fixture
def take_in(session, clock):
    def take_in(table: CheckedTable, *, by: int | None = None, **options) -> ImportResult:
        return import_projects(
            session, table, by=by, now=clock(), calendar=city_calendar(), **options
        )

    return take_in


def person(session, name, email, *, active=True):
    found = Person(name=name, email=email, language="zh-Hans", active=active, sample=False)
    session.add(found)
    session.flush()
    return found


def holding(session, who, role, place):
    post = session.scalars(select(Post).where(Post.role == role, Post.place == place)).one()
    session.add(PostHolder(post_id=post.id, person_id=who.id, from_day=date(2020, 1, 1)))
    session.flush()


def the_project(session):
    session.expire_all()
    return session.scalars(select(Project)).one()


def said(result):
    with speaking(Language.EN):
        return [(p.row, p.column, p.message.say()) for p in result.rejected]


def row(number="", *, name="晶澳光伏", unit="义乌市", amount=67, stage="签约", signed="2022-09-21"):
    return (number, name, unit, amount, stage, signed)


def test_the_press_file_goes_in_whole(session, take_in):
    with PRESS.open("rb") as file:
        press = check(read_table(file))

    result = take_in(press)

    assert (result.created, result.rejected) == (len(press.body), ())
    assert session.scalar(select(func.count()).select_from(Project)) == result.created
    ja = session.scalars(select(Project).where(Project.name_zh.like("晶澳10GW%"))).one()
    assert (ja.investment, ja.stage, ja.unit.name_zh) == (6_700_000_000, Stage.STARTED, "义乌市")
    assert (ja.contract_date.text, ja.start_date.text) == ("2020-03", "2020-05")
    assert ja.origin is Origin.IMPORT
    chint = session.scalars(select(Project).where(Project.name_en.like("Chint%"))).one()
    assert chint.name_zh is None
    zones = {"金华开发区", "金义新区"}
    assert zones <= {project.unit.name_zh for project in session.scalars(select(Project))}


def test_importing_twice_changes_nothing(session, take_in):
    with PRESS.open("rb") as file:
        press = check(read_table(file))
    first = take_in(press)

    second = take_in(press)

    assert second == ImportResult(created=0, updated=0, unchanged=first.created, rejected=())
    assert session.scalar(select(func.count()).select_from(AuditEntry)) == first.created


def test_an_imported_project_enters_at_its_stage_with_a_history_that_says_so(
    session, take_in, clock
):
    take_in(projects(row()))

    project = the_project(session)
    change = session.scalars(select(StageChange)).one()
    assert (change.move, change.before, change.after) == (None, None, Stage.SIGNED)
    assert (change.effective_on.text, change.recorded_at) == ("2022-09-21", clock())
    visit = session.scalars(select(StageVisit)).one()
    assert (visit.stage, visit.left_at) == (Stage.SIGNED, None)
    entry = session.scalars(select(AuditEntry)).one()
    assert entry.hash == link(project.id, 1, clock(), entry.act, None, entry.details, "")
    assert session.scalars(select(Mail)).all() == []


def test_clocks_start_on_the_day_of_the_import(session, take_in, clock):
    take_in(projects(row()))

    today = local_day(clock())
    assert session.scalars(select(StageVisit.stage_origin)).one() == today
    # 67 bn is major: three quarters of the 20 working days of silence.
    due = city_calendar().opening(city_calendar().add(today, 15))
    assert the_project(session).next_rung_at == due


@pytest.mark.parametrize(
    ("signed", "day_0"),
    [("2026-02-02", date(2026, 2, 2)), ("2026-01", date(2026, 1, 31)), ("", date(2026, 3, 2)),
     ("2027-05-01", date(2026, 3, 2))],
)  # fmt: skip
def test_clocks_start_on_the_dates_of_the_file_if_asked(session, take_in, signed, day_0):
    take_in(projects(row(signed=signed)), clock=ClockStart.DATES)

    assert session.scalars(select(StageVisit.stage_origin)).one() == day_0


def test_clocks_can_be_spread_over_working_days(session, take_in, clock):
    take_in(projects(*(row(name=f"项目{n}") for n in range(6))), spread=3)

    today = local_day(clock())
    days = session.scalars(select(StageVisit.stage_origin).order_by(StageVisit.project_id)).all()
    assert days == [today + timedelta(days=n) for n in (0, 1, 2, 0, 1, 2)]


def test_a_project_without_an_owner_goes_to_the_intake_post_of_its_unit(session, take_in):
    intake = person(session, "陈静", "intake@yw.test")
    holding(session, intake, Role.INTAKE, "330782")

    take_in(projects(row()))

    project = the_project(session)
    assert project.owner_id == intake.id
    assert project.special_team_key == "special-team-4"


@pytest.mark.parametrize("owner", ["李娜", "LINA@yw.test"])
def test_an_owner_goes_by_a_name_of_their_own_or_by_mail(session, take_in, owner):
    lina = person(session, "李娜", "lina@yw.test")
    person(session, "王伟", "wei1@yw.test")

    take_in(projects((*row(), owner), headings=(*HEADINGS, "负责人")))

    assert the_project(session).owner_id == lina.id


@pytest.mark.parametrize("unit", ["义乌市", "义乌", "Yiwu", "yiwu", "330782", "浙江省金华市义乌市"])
def test_a_unit_goes_by_its_names_and_its_code(session, take_in, unit):
    take_in(projects(row(unit=unit)))

    assert the_project(session).unit_code == "330782"


def test_headquarters_and_special_team_go_by_their_names(session, take_in):
    headings = (*HEADINGS, "招商总部", "专班")

    take_in(projects((*row(), "上海招商引才总部", "第二专班"), headings=headings))

    project = the_project(session)
    assert (project.headquarters_key, project.special_team_key) == ("shanghai", "special-team-2")


def test_a_number_is_kept_and_never_given_out_again(session, take_in):
    take_in(projects(row("JH-2026-0007"), row(name="另一个"), row("YW-12", name="第三个")))

    numbers = session.scalars(select(Project.number).order_by(Project.id)).all()
    assert numbers == ["JH-2026-0007", "JH-2026-0008", "YW-12"]
    assert session.get_one(NumberSeries, "JH-2026").last == 8


def test_a_row_with_a_number_renames_its_project(session, take_in):
    take_in(projects(row()))
    number = the_project(session).number

    result = take_in(projects(row(number, name="晶澳二期")))

    assert (result.updated, the_project(session).name_zh) == (1, "晶澳二期")


def test_the_chinese_name_joins_a_project_known_in_english_only(session, take_in):
    text = "name_zh,name_en,host_unit,stage\n{},Chint PV,Yiwu,signed\n"
    take_in(check(csv_table(text.format(""))))

    result = take_in(check(csv_table(text.format("正泰光伏"))))

    assert (result.created, result.updated) == (0, 1)
    assert the_project(session).name == "正泰光伏"


def test_the_same_name_elsewhere_is_another_project(session, take_in):
    result = take_in(projects(row(), row(unit="兰溪市")))

    assert result.created == 2


def test_an_update_is_an_edit_with_its_trail_and_new_due_days(session, take_in, clock):
    take_in(projects(row(amount=2)))
    before = the_project(session)
    edition, due = before.edition, before.next_rung_at
    who = person(session, "李娜", "lina@yw.test")
    holding(session, who, Role.CASE_OFFICER, "330782")

    result = take_in(projects(row(amount=67)), by=who.id)

    project = the_project(session)
    assert (result.updated, result.unchanged) == (1, 0)
    assert (project.investment, project.edition) == (6_700_000_000, edition + 1)
    assert project.last_material_editor_id == who.id
    assert project.next_rung_at < due  # a major project's clock runs shorter
    last = session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc())).first()
    assert last.details == {
        "before": {"investment": 200_000_000},
        "after": {"investment": 6_700_000_000},
    }
    assert project.audit_hash == last.hash


def test_an_empty_cell_changes_nothing(session, take_in):
    take_in(projects(row()))

    result = take_in(projects(row(amount="", signed="")))

    assert result.unchanged == 1
    assert the_project(session).investment == 6_700_000_000


@pytest.mark.parametrize(
    ("rows", "rejected"),
    [
        ([row(unit="杭州市")], {(2, "县市区", "No unit is called")}),
        ([row(stage="谈了")], {(2, "阶段", "is not a stage")}),
        ([row(amount=-1)], {(2, "总投资(亿元)", "is negative")}),
        ([row(amount="5亿美元")], {(2, "总投资(亿元)", "is not in yuan")}),
        ([row(amount="=A1*2")], {(2, "总投资(亿元)", "is a formula")}),
        ([row(name="晶澳\n光伏")], {(2, "项目名称", "line break")}),
        ([row(name="")], {(2, "项目名称", "has no name")}),
        ([row(signed="去年")], {(2, "签约日期", "is not a date")}),
        ([row("A-1"), row("A-1", name="别的")], {(n, "项目编号", "same project") for n in (2, 3)}),
        ([row(), row(amount=1)], {(2, "项目名称", "Row 3 is"), (3, "项目名称", "Row 2 is")}),
        ([row("A-1"), row()], {(2, "项目编号", "Row 3 is"), (3, "项目名称", "Row 2 is")}),
    ],
)  # fmt: skip
def test_a_bad_row_is_named_with_its_column_and_remedy(session, take_in, rows, rejected):
    result = take_in(projects(*rows))

    found = said(result)
    assert {(r, column) for r, column, _ in found} == {(r, column) for r, column, _ in rejected}
    assert all(any(part in text for _, _, text in found) for _, _, part in rejected)
    assert session.scalars(select(Project)).all() == []


def test_all_problems_of_all_rows_are_told_at_once_and_the_good_rows_go_in(session, take_in):
    result = take_in(
        projects(row(unit="杭州市", amount=-1, stage="?"), row(), row(name="", unit="", stage=""))
    )

    assert result.created == 1
    assert [p.row for p in result.rejected] == [2, 2, 2, 4, 4, 4]
    assert sorted((p.row, p.column) for p in result.rejected) == [
        (2, "县市区"), (2, "总投资(亿元)"), (2, "阶段"),
        (4, "县市区"), (4, "阶段"), (4, "项目名称"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("heading", "word", "reason"),
    [("承接地代码", "999999", "No unit has the code"), ("负责人", "nobody@yw.test", "Nobody"),
     ("招商总部", "纽约总部", "No team"), ("专班", "第九十九专班", "No team")],
)  # fmt: skip
def test_a_bad_cell_hides_no_word_that_means_nothing(session, take_in, heading, word, reason):
    result = take_in(projects((*row(amount=-1), word), headings=(*HEADINGS, heading)))

    (_, amount, negative), (_, column, message) = said(result)
    assert (amount, column) == ("总投资(亿元)", heading)
    assert "is negative" in negative
    assert reason in message


@pytest.mark.parametrize(
    "rows",
    [
        [row(amount=-1), row()],
        [row("A-1", unit="义务市", amount=-1), row("A-1")],
        [row(signed="去年"), row(stage="")],
    ],
)
def test_a_bad_cell_hides_no_repetition(session, take_in, rows):
    result = take_in(projects(*rows))

    repeated = [number for number, _, message in said(result) if "same project" in message]
    assert (repeated, result.created) == ([2, 3], 0)


def test_a_bad_cell_hides_nothing_that_the_projects_in_luodi_forbid(session, take_in):
    take_in(projects(row("A-1"), row("A-2"), row(name="另一个")))
    elsewhere = person(session, "外地", "else@lx.test")
    holding(session, elsewhere, Role.CASE_OFFICER, "330781")

    result = take_in(
        projects(
            row(amount=-1),
            row("A-9", name="另一个", amount=-1),
            row(name="另一个", stage="开工", amount=1, signed="去年"),
        ),
        by=elsewhere.id,
    )

    told = said(result)
    for number, reasons in {
        2: ["is negative", "2 projects have this name"],
        3: ["is negative", "No project has the number"],
        4: ["is not a date", "another stage", "do not allow you"],
    }.items():
        messages = [message for each, _, message in told if each == number]
        assert len(messages) == len(reasons)
        assert all(reason in message for reason, message in zip(reasons, messages, strict=True))


def test_a_known_project_takes_nothing_from_a_row_with_a_bad_cell(session, take_in):
    take_in(projects(row()))

    result = take_in(projects(row(amount=5, signed="去年")))

    assert [(number, column) for number, column, _ in said(result)] == [(2, "签约日期")]
    assert (result.updated, result.unchanged) == (0, 0)
    assert the_project(session).investment == 6_700_000_000


@pytest.mark.parametrize(
    ("doubtful", "columns"),
    [
        (("？！", "晶澳光伏", "JA Solar", "义乌市", "", "签约"), ["项目编号"]),
        (("", "=A1", "JA Solar", "义乌市", "", "签约"), ["项目名称"]),
        (("", "晶澳光伏", "JA Solar", "义乌市", "330781", "签约"), ["区划代码"]),
    ],
)
def test_a_row_is_not_taken_for_another_where_what_it_goes_by_cannot_be_read(
    session, take_in, doubtful, columns
):
    headings = ("项目编号", "项目名称", "英文名称", "县市区", "区划代码", "阶段")
    good = ("", "晶澳光伏", "JA Solar", "义乌市", "", "签约")

    result = take_in(projects(good, doubtful, headings=headings))

    assert [(number, column) for number, column, _ in said(result)] == [(3, c) for c in columns]
    assert result.created == 1


@pytest.mark.parametrize(
    ("heading", "word", "reason"),
    [("负责人", "王伟", "Several people"), ("负责人", "nobody@yw.test", "Nobody active"),
     ("负责人", "离职", "Nobody active"), ("招商总部", "纽约总部", "No team"),
     ("招商总部", "第一专班", "No team"), ("县市区代码", "330781", "Correct one of them"),
     ("县市区代码", "999999", "No unit has the code")],
)  # fmt: skip
def test_a_word_that_means_nobody_or_several_is_refused(session, take_in, heading, word, reason):
    person(session, "王伟", "wei1@yw.test")
    person(session, "王伟", "wei2@yw.test")
    person(session, "离职", "gone@yw.test", active=False)

    result = take_in(projects((*row(), word), headings=(*HEADINGS, heading)))

    [(number, column, message)] = said(result)
    assert (number, column) == (2, heading)
    assert reason in message


def test_an_import_moves_no_project(session, take_in):
    take_in(projects(row()))

    result = take_in(projects(row(stage="开工")))

    [(_, column, message)] = said(result)
    assert (column, the_project(session).stage) == ("阶段", Stage.SIGNED)
    assert "(Signed)" in message


def test_a_mistyped_number_makes_no_second_project(session, take_in):
    take_in(projects(row()))

    result = take_in(projects(row("JH-2026-9999")))

    assert "but JH-2026-0001 has this name" in said(result)[0][2]
    assert session.get_one(NumberSeries, "JH-2026").last == 1


def test_a_name_that_several_projects_bear_needs_a_number(session, take_in):
    take_in(projects(row("A-1"), row("A-2")))

    result = take_in(projects(row()))

    assert "2 projects have this name and host unit: A-1, A-2" in said(result)[0][2]


def test_nobody_changes_a_project_that_is_not_theirs_by_importing(session, take_in):
    take_in(projects(row()))
    elsewhere = person(session, "外地", "else@lx.test")
    holding(session, elsewhere, Role.CASE_OFFICER, "330781")

    result = take_in(projects(row(amount=1)), by=elsewhere.id)

    assert "do not allow you" in said(result)[0][2]
    assert the_project(session).investment == 6_700_000_000


@on_postgresql
def test_the_number_of_statements_does_not_grow_with_the_rows(session, take_in, database):
    statements = []
    event.listen(database.engine, "before_cursor_execute", lambda *told: statements.append(told[2]))

    def counted(rows):
        statements.clear()
        bad = (row(name=f"{rows}之{n}", unit="义务市", amount=-1) for n in range(rows))
        good = (row(name=f"{rows}之{n}") for n in range(rows))
        take_in(projects(*bad, *good))
        take_in(projects(*(row(name=f"{rows}之{n}", amount=-1) for n in range(rows))))
        return len(statements)

    assert counted(10) == counted(500)


def test_the_answer_has_the_shape_that_scripts_rely_on(take_in):
    result = take_in(projects(row(), row(name="另一个", amount=-1.5)))

    with speaking(Language.EN):
        assert result.as_json() == {
            "created": 1, "updated": 0, "unchanged": 0,
            "rejected": [{
                "row": 3, "column": "总投资(亿元)",
                "message": "“-1.5” is negative. Write 0 or more; leave the cell empty if unknown.",
            }],
        }  # fmt: skip


@pytest.fixture
def asked(session, take_in, clock):
    """A project in the database whose signing waits for its unit's leader; the one who asked."""
    leader = person(session, "周敏", "leader@yw.test")
    officer = person(session, "李娜", "lina@yw.test")
    holding(session, leader, Role.UNIT_LEADER, "330782")
    holding(session, officer, Role.CASE_OFFICER, "330782")
    director = person(session, "王刚", "director@yw.test")
    holding(session, director, Role.GENERAL_HEADQUARTERS_DIRECTOR, GENERAL_HEADQUARTERS)
    take_in(projects(row(stage="在谈", amount=5)))
    project = the_project(session)
    open_request(
        session,
        project,
        Subject.SIGN,
        facts=facts_of(session, project),
        waived=["contract_number"],
        adopted=policy_in_force(session),
        by=officer.id,
        now=clock(),
        calendar=city_calendar(),
        reason="先行签约",
    )
    return officer


def states(session):
    return session.scalars(select(ApprovalRequest.state).order_by(ApprovalRequest.id)).all()


def test_a_row_that_would_supersede_a_pending_request_is_refused(session, take_in, asked):
    result = take_in(projects(row(stage="在谈", amount=8)), by=asked.id)

    assert "has a request that waits for its answer" in said(result)[0][2]
    assert states(session) == [RequestState.PENDING]
    assert the_project(session).investment == 500_000_000


def test_it_supersedes_the_request_if_told_to_and_the_importer_is_the_editor(
    session, take_in, asked
):
    result = take_in(projects(row(stage="在谈", amount=8)), by=asked.id, supersede=True)

    assert (result.updated, result.rejected) == (1, ())
    assert states(session)[0] is RequestState.SUPERSEDED
    project = the_project(session)
    assert (project.investment, project.last_material_editor_id) == (800_000_000, asked.id)


def test_a_change_that_is_not_material_leaves_the_request_be_and_who_is_asked_hears(
    session, take_in, asked
):
    headings = (*HEADINGS, "投资方联系人")

    result = take_in(
        projects((*row(stage="在谈", amount=5), "张先生"), headings=headings), by=asked.id
    )

    assert (result.updated, states(session)) == (1, [RequestState.PENDING])
    facts = session.scalars(select(Mail.facts).where(Mail.kind == "facts_changed")).one()
    assert [each["field"] for each in facts["changes"]] == ["investor_contact"]
