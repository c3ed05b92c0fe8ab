"""Who may work on a project: every role, here, elsewhere and by standing in."""

import pytest

from state_machines.access import may_work_on
from state_machines.posts import Places, PostKey, Role, Roster

HERE = Places(unit_code="330781", headquarters_key="shanghai", special_team_key="special-team-3")
OWNER, ME, HOLDER, BETWEEN = 1, 2, 3, 4

OURS = {
    Role.CASE_OFFICER: "330781",
    Role.INTAKE: "330781",
    Role.UNIT_LEADER: "330781",
    Role.HEADQUARTERS_HEAD: "shanghai",
    Role.SPECIAL_TEAM_LEAD: "special-team-3",
}
THEIRS = {
    Role.CASE_OFFICER: "330782",
    Role.INTAKE: "330782",
    Role.UNIT_LEADER: "330782",
    Role.HEADQUARTERS_HEAD: "beijing",
    Role.SPECIAL_TEAM_LEAD: "special-team-1",
}
CITY_WIDE = {
    Role.PROMOTION_CENTER_HEAD: "promotion-center",
    Role.GENERAL_HEADQUARTERS_DIRECTOR: "general-headquarters",
    Role.DEPUTY_MAYOR: "330700",
    Role.ADMINISTRATOR: "330700",
}


def allowed(roster, person=ME):
    return may_work_on(person, OWNER, HERE, roster)


def test_no_role_is_left_out_of_these_tables():
    assert {*OURS, *CITY_WIDE} == {*Role}


@pytest.mark.parametrize(("role", "place"), [*OURS.items(), *CITY_WIDE.items()])
def test_whoever_holds_a_post_where_the_project_belongs_may(role, place):
    post = PostKey(role, place)

    assert allowed(Roster({post: (ME,)}))
    assert not allowed(Roster({post: (HOLDER,)}))


@pytest.mark.parametrize(("role", "place"), [*OURS.items(), *CITY_WIDE.items()])
def test_whoever_stands_in_for_them_may_too_as_far_as_a_delegation_reaches(role, place):
    post = PostKey(role, place)

    assert allowed(Roster({post: (HOLDER,)}, {HOLDER: ME}))
    assert allowed(Roster({post: (HOLDER,)}, {HOLDER: BETWEEN, BETWEEN: ME}))


@pytest.mark.parametrize(("role", "place"), THEIRS.items())
def test_a_post_elsewhere_gives_nothing(role, place):
    post = PostKey(role, place)

    assert not allowed(Roster({post: (ME,)}))
    assert not allowed(Roster({post: (HOLDER,)}, {HOLDER: ME}))


def test_the_owner_may_without_any_post():
    assert allowed(Roster(), OWNER)
    assert not allowed(Roster())


def test_a_project_without_an_owner_is_not_everybodys():
    assert not may_work_on(ME, None, HERE, Roster())
