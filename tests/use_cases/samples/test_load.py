"""The sample city: enough people, real projects beside marked ones, and nothing spotless."""

import csv
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from db.models import (
    AuditEntry,
    Delegation,
    Evidence,
    Origin,
    Person,
    Post,
    PostHolder,
    ProgressNote,
    Project,
    StageVisit,
    Team,
    TeamKind,
)
from db.queries.projects import facts_of
from db.queries.roster import roster_on
from notifications.senders.mailbox import LocalMailbox
from runs.sweep import sweep
from runtime.calendar import city_calendar
from runtime.opening import Runtime
from runtime.settings import read_settings
from state_machines.gates import RequirementKey, missing
from state_machines.policy import Policy
from state_machines.posts import PostKey, Role
from state_machines.stages import Stage
from state_machines.working_days import local_day
from use_cases.samples.load import Loaded, is_empty, load_samples
from use_cases.samples.press import PRESS
from use_cases.seeding.seed import DEFAULT_POLICY, seed

CALENDAR = city_calendar()
POLICY = Policy.parse(DEFAULT_POLICY.read_text("utf-8"), file="jinhua.toml")
TABLES = (Person, PostHolder, Delegation, Project, StageVisit, Evidence, ProgressNote, AuditEntry)


@pytest.fixture
def session(database, clock):
    with database.writing() as session:
        seed(session, now=clock())
        yield session


@pytest.fixture
def loaded(session, clock):
    return load_samples(session, now=clock(), calendar=CALENDAR)


def invented(session, part=""):
    found = select(Project).where(
        Project.name_zh.startswith("样例"), Project.name_zh.contains(part)
    )
    return session.scalars(found).all()


def only(session, part):
    [project] = invented(session, part)
    return project


def rows(session):
    return {table: session.scalar(select(func.count()).select_from(table)) for table in TABLES}


def lacking(session, project, stage, day):
    facts = facts_of(session, project)
    return missing(POLICY.gates[stage], facts, coming_from=project.stage, on=day)


def test_a_database_is_empty_until_somebody_works_in_it(session, clock):
    before = is_empty(session)
    load_samples(session, now=clock(), calendar=CALENDAR)

    assert (before, is_empty(session)) == (True, False)


def test_loading_twice_adds_nothing(session, loaded, clock):
    before = rows(session)

    again = load_samples(session, now=clock(), calendar=CALENDAR)

    assert again == Loaded(people=0, reported=0, invented=0)
    assert rows(session) == before


def test_loading_again_weeks_later_leaves_alone_what_people_have_learned(session, loaded, clock):
    reported = session.scalars(select(Project).where(Project.origin == Origin.IMPORT)).first()
    reported.investment, reported.industry = 1, "改过"
    person = session.scalars(select(Person)).first()
    person.name = "改名"
    session.flush()

    clock.forward(weeks=5)
    load_samples(session, now=clock(), calendar=CALENDAR)

    session.expire_all()
    assert (reported.investment, reported.industry, person.name) == (1, "改过", "改名")


def test_every_project_of_the_press_is_there_with_its_source(session, loaded):
    with PRESS.open(encoding="utf-8") as file:
        reported = list(csv.DictReader(file))

    stored = session.scalars(select(Project).where(Project.origin == Origin.IMPORT)).all()

    assert loaded.reported == len(stored) == len(reported)
    assert {each.source for each in stored} == {row["source_url"] for row in reported}
    assert {each.stage for each in stored} == {Stage.SIGNED, Stage.STARTED}


def test_what_is_invented_says_so(session, loaded):
    marked = session.scalars(select(Project).where(Project.origin == Origin.SAMPLE)).all()

    assert {each.id for each in marked} == {each.id for each in invented(session)}
    assert all(each.name_en.startswith("Sample") for each in marked)


def test_no_mail_to_a_sample_person_can_reach_anybody(session, loaded):
    people = session.scalars(select(Person)).all()

    assert people
    assert all(each.sample and each.email.endswith(".example") for each in people)


def test_the_stages_that_the_press_does_not_report_are_there(session, loaded):
    stages = {each.stage for each in invented(session)}
    without_factory = only(session, "磁性材料")

    assert stages == {Stage.LEAD, Stage.NEGOTIATION, Stage.SIGNED, Stage.FACTORY_LEASED}
    assert (without_factory.stage, without_factory.needs_factory) == (Stage.SIGNED, False)


def test_all_posts_but_two_in_one_county_have_a_holder(session, loaded, clock):
    roster = roster_on(session, local_day(clock()))

    posts = {PostKey(each.role, each.place) for each in session.scalars(select(Post))}

    assert posts - roster.holders.keys() == {
        PostKey(Role.UNIT_LEADER, "330727"),
        PostKey(Role.INTAKE, "330727"),
    }
    assert len(roster.holders[PostKey(Role.PROMOTION_CENTER_HEAD, "promotion-center")]) == 2


def test_one_person_holds_two_posts(session, loaded):
    busy = session.execute(
        select(Person.name)
        .join(PostHolder, PostHolder.person_id == Person.id)
        .group_by(Person.id, Person.name)
        .having(func.count() > 1)
    ).all()

    assert busy == [("吕建国",)]


def test_one_leader_owns_a_project_that_she_would_have_to_approve(session, loaded, clock):
    project = only(session, "水晶")
    leaders = roster_on(session, local_day(clock())).holders[PostKey(Role.UNIT_LEADER, "330726")]

    assert project.owner_id in leaders
    assert lacking(session, project, Stage.SIGNED, local_day(clock())) == ()


def test_somebody_stands_in_for_a_leader_today_and_not_for_ever(session, loaded, clock):
    today = local_day(clock())
    [delegation] = session.scalars(select(Delegation)).all()

    assert delegation.from_day <= today <= delegation.to_day
    assert delegation.stand_in_id == roster_on(session, today).stand_ins[delegation.holder_id]


def test_one_address_bounces_and_one_person_reads_english(session, loaded):
    bouncing = session.scalars(select(Person.name).where(Person.email.startswith("bounce@"))).all()
    english = session.scalars(select(Person.name).where(Person.language == "en")).all()

    assert (bouncing, english) == (["任志刚"], ["Daniel Weber"])


def test_one_project_has_no_owner_and_one_no_known_investment(session, loaded):
    ownerless = [each.name_zh for each in invented(session) if each.owner_id is None]
    unknown = [each.name_zh for each in invented(session) if each.investment is None]

    assert ownerless == [only(session, "中药材").name_zh]
    assert unknown == [only(session, "影视").name_zh]


def test_one_certificate_of_funds_has_expired_and_nothing_else_keeps_it_from_starting(
    session, loaded, clock
):
    project = only(session, "精密模具")

    assert lacking(session, project, Stage.STARTED, local_day(clock())) == (
        RequirementKey.FUNDS_CERTIFICATE_VALID,
    )


def test_the_project_of_the_first_ten_minutes_lacks_two_fields(session, loaded, clock):
    project = only(session, "义乌高效电池组件")

    assert lacking(session, project, Stage.SIGNED, local_day(clock())) == (
        RequirementKey.CONTRACT_NUMBER,
        RequirementKey.PLANNED_START,
    )


def test_headquarters_get_an_invented_day_unless_the_city_has_said_it(session, clock):
    known = datetime(2021, 8, 1, tzinfo=UTC).date()
    session.get(Team, "beijing").established_on = known

    load_samples(session, now=clock(), calendar=CALENDAR)

    days = dict(
        session.execute(
            select(Team.key, Team.established_on).where(Team.kind == TeamKind.HEADQUARTERS)
        ).all()
    )
    assert days.pop("beijing") == known
    assert all(day < local_day(clock()) for day in days.values())


ANY_DAY = {
    "working_day": datetime(2026, 3, 2, 1, tzinfo=UTC),
    "saturday": datetime(2026, 7, 18, 12, tzinfo=UTC),
    "in_the_spring_festival": datetime(2026, 2, 19, 1, tzinfo=UTC),
    "after_the_national_day": datetime(2026, 10, 9, 0, 30, tzinfo=UTC),
    "in_a_year_not_announced_yet": datetime(2027, 1, 4, 1, tzinfo=UTC),
}


@pytest.mark.parametrize("now", ANY_DAY.values(), ids=ANY_DAY)
def test_whatever_the_day_the_first_sweep_reaches_owner_unit_and_municipality(
    database, database_url, clock, tmp_path, now
):
    clock.time = now
    with database.writing() as session:
        seed(session, now=now)
        load_samples(session, now=now, calendar=CALENDAR)
    settings = read_settings(data_folder=tmp_path, database_url=database_url)
    runtime = Runtime(settings, database, CALENDAR, LocalMailbox(), clock)

    report = sweep(runtime, as_of=now)

    assert sorted(each.rung for each in report.orders) == [
        "municipality",
        "owner",
        "unit",
        "unit",
    ]
    assert all(each.to for each in report.orders)
