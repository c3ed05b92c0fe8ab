"""What every Luodi of Jinhua begins with, and what seeding leaves alone."""

import csv
import re

import pytest
from sqlalchemy import select

from db.models import Person, PolicyVersion, Post, PostHolder, Team, TeamKind, Unit, UnitKind
from db.queries.policies import policy_in_force
from state_machines.errors import PolicyInvalid
from state_machines.posts import (
    GENERAL_HEADQUARTERS,
    MUNICIPALITY,
    PROMOTION_CENTER,
    Places,
    PostKey,
    Role,
    post_of,
)
from tests.needs import SHARED
from use_cases.seeding.seed import DEFAULT_POLICY, Seeded, seed

NOTHING_NEW = Seeded(0, 0, 0, policy_adopted=False, policy_file_in_force=True)


@pytest.fixture
def session(database):
    with database.writing() as session:
        yield session


@pytest.fixture
def seeded(session, clock):
    return seed(session, now=clock())


def units(session):
    return {each.code: each for each in session.scalars(select(Unit))}


def teams(session):
    return {each.key: each for each in session.scalars(select(Team))}


@pytest.mark.needs("shared")
def test_the_units_are_those_of_the_national_standard(session, seeded):
    with (SHARED / "data" / "jinhua_divisions.csv").open(encoding="utf-8") as file:
        standard = {
            row["code"]: (row["name"], row["level"].replace("-", "_").replace(" ", "_"))
            for row in csv.DictReader(file)
            if row["level"] != "township/street"
        }

    ours = {
        code: (unit.name_zh, unit.kind.value)
        for code, unit in units(session).items()
        if unit.kind is not UnitKind.DEVELOPMENT_ZONE
    }

    standard[MUNICIPALITY] = (standard[MUNICIPALITY][0], "municipality")
    assert ours == standard


def test_no_code_of_a_development_zone_could_be_one_of_the_standard(session, seeded):
    zones = [each for each in units(session).values() if each.kind is UnitKind.DEVELOPMENT_ZONE]

    assert {each.name_zh for each in zones} == {"金华开发区", "金义新区"}
    assert not [each.code for each in zones if re.fullmatch(r"\d+", each.code)]


def test_every_unit_belongs_to_the_municipality_and_to_a_special_team(session, seeded):
    hosts = [each for code, each in units(session).items() if code != MUNICIPALITY]

    assert {each.parent_code for each in hosts} == {MUNICIPALITY}
    assert {each.special_team_key for each in hosts} == {
        key for key, team in teams(session).items() if team.kind is TeamKind.SPECIAL_TEAM
    }


def test_the_teams_are_four_headquarters_five_special_teams_and_two_for_the_city(session, seeded):
    kinds = [team.kind for team in teams(session).values()]

    assert {kind: kinds.count(kind) for kind in TeamKind} == {
        TeamKind.HEADQUARTERS: 4,
        TeamKind.GENERAL_HEADQUARTERS: 1,
        TeamKind.SPECIAL_TEAM: 5,
        TeamKind.PROMOTION_CENTER: 1,
    }
    assert teams(session)[GENERAL_HEADQUARTERS].kind is TeamKind.GENERAL_HEADQUARTERS
    assert teams(session)[PROMOTION_CENTER].kind is TeamKind.PROMOTION_CENTER


def test_no_day_of_establishment_is_made_up(session, seeded):
    assert {team.established_on for team in teams(session).values()} == {None}


@pytest.mark.parametrize("role", Role)
def test_every_role_means_a_post_that_exists_wherever_a_project_may_belong(session, seeded, role):
    posts = {PostKey(each.role, each.place) for each in session.scalars(select(Post))}
    meant = {
        post_of(
            role,
            Places(
                unit_code=unit.code,
                headquarters_key=headquarters,
                special_team_key=unit.special_team_key,
            ),
        )
        for unit in units(session).values()
        if unit.code != MUNICIPALITY
        for headquarters, team in teams(session).items()
        if team.kind is TeamKind.HEADQUARTERS
    }

    assert meant <= posts


def test_people_are_the_citys_to_name(session, seeded):
    assert session.scalars(select(Person)).all() == []
    assert session.scalars(select(PostHolder)).all() == []


def test_seeding_twice_adds_nothing(session, seeded, clock):
    assert seed(session, now=clock()) == NOTHING_NEW


def test_what_the_city_has_changed_stays(session, seeded, clock):
    teams(session)["beijing"].name_zh = "驻京招商总部"
    units(session)["330782"].special_team_key = "special-team-1"

    again = seed(session, now=clock())

    assert again == NOTHING_NEW
    assert teams(session)["beijing"].name_zh == "驻京招商总部"
    assert units(session)["330782"].special_team_key == "special-team-1"


def test_a_unit_that_the_city_adds_gets_the_posts_of_its_kind(session, seeded, clock):
    session.add(
        Unit(
            code="330700-NEW",
            kind=UnitKind.DEVELOPMENT_ZONE,
            name_zh="样例新区",
            name_en="Sample New Area",
            parent_code=MUNICIPALITY,
        )
    )
    session.flush()

    again = seed(session, now=clock())

    found = session.scalars(select(Post.role).where(Post.place == "330700-NEW"))
    assert again.posts == len(set(found)) == 3


def test_the_default_policy_is_in_force_from_the_first_day(session, seeded):
    assert seeded.policy_adopted
    assert policy_in_force(session).policy.name == "jinhua"


def test_a_policy_file_changed_later_is_not_adopted_in_silence(session, seeded, clock, tmp_path):
    changed = tmp_path / "jinhua.toml"
    changed.write_text(DEFAULT_POLICY.read_text("utf-8").replace("link_days = 10", "link_days = 3"))

    again = seed(session, now=clock(), policy_file=changed)

    assert (again.policy_adopted, again.policy_file_in_force) == (False, False)
    assert policy_in_force(session).policy.link_days == 10
    assert len(session.scalars(select(PolicyVersion)).all()) == 1


def test_a_policy_that_cannot_be_followed_is_never_adopted(session, clock, tmp_path):
    broken = tmp_path / "broken.toml"
    broken.write_text('name = "broken"')

    with pytest.raises(PolicyInvalid) as refusal:
        seed(session, now=clock(), policy_file=broken)

    assert refusal.value.file == "broken.toml"
