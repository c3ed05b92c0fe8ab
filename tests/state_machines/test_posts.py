"""Who answers for a post, and who is told: delegation, exclusion, empty posts."""

import pytest

from state_machines.posts import (
    Answerer,
    Places,
    PostKey,
    Reader,
    Role,
    Roster,
    Told,
    empty_posts,
    post_of,
    readers,
)

HERE = Places(unit_code="330781", headquarters_key="shanghai", special_team_key="special-team-3")
NOWHERE = Places(unit_code="330781", headquarters_key=None, special_team_key=None)
LEADER = PostKey(Role.UNIT_LEADER, "330781")
DIRECTOR = PostKey(Role.GENERAL_HEADQUARTERS_DIRECTOR, "general-headquarters")
MAYOR = PostKey(Role.DEPUTY_MAYOR, "330700")
A, B, C, D = range(1, 5)

POSTS = {
    Role.CASE_OFFICER: ("330781", "330781"),
    Role.INTAKE: ("330781", "330781"),
    Role.UNIT_LEADER: ("330781", "330781"),
    Role.HEADQUARTERS_HEAD: ("shanghai", None),
    Role.SPECIAL_TEAM_LEAD: ("special-team-3", None),
    Role.PROMOTION_CENTER_HEAD: ("promotion-center", "promotion-center"),
    Role.GENERAL_HEADQUARTERS_DIRECTOR: ("general-headquarters", "general-headquarters"),
    Role.DEPUTY_MAYOR: ("330700", "330700"),
    Role.ADMINISTRATOR: ("330700", "330700"),
}


@pytest.mark.parametrize("role", Role)
def test_a_role_means_one_post_of_a_project_or_none(role):
    there, without = POSTS[role]

    assert post_of(role, HERE) == PostKey(role, there)
    assert post_of(role, NOWHERE) == (PostKey(role, without) if without else None)


@pytest.mark.parametrize("role", Role)
def test_a_post_is_read_back_as_it_is_written(role):
    post = PostKey(role, "330700-KFQ")

    assert PostKey.parse(str(post)) == post


@pytest.mark.parametrize(
    ("stand_ins", "excluded", "answers"),
    [
        ({}, [], (A, None)),
        ({A: B}, [], (B, A)),
        ({A: B, B: C}, [], (C, A)),
        ({A: B, B: C, C: D}, [], (C, A)),  # a chain of three ends with the second
        ({A: B, B: A}, [], (B, A)),  # a circle
        ({A: B, B: C, C: A}, [], (C, A)),
        ({A: B}, [B], (A, None)),  # never to somebody excluded: the holder in person
        ({A: B, B: C}, [C], (B, A)),
        ({A: B, B: C}, [B], (A, None)),  # nor through somebody excluded
        ({}, [A], None),
        ({A: B}, [A], None),  # nobody decides their own through a stand-in
        ({A: B}, [A, B], None),
    ],
)
def test_a_stand_in_answers_and_nobody_who_is_excluded(stand_ins, excluded, answers):
    roster = Roster({LEADER: (A,)}, stand_ins)

    found = roster.answering(LEADER, excluded)

    assert found == (() if answers is None else (Answerer(*answers),))


def test_any_holder_of_a_post_answers_and_each_is_named_once():
    roster = Roster({LEADER: (A, B, C)}, {B: A})

    assert roster.answering(LEADER) == (Answerer(A), Answerer(A, B), Answerer(C))
    assert roster.answering(LEADER, [A]) == (Answerer(B), Answerer(C))
    assert roster.answering(DIRECTOR) == ()
    assert roster.holds(A, LEADER)
    assert not roster.holds(D, LEADER)


def test_a_holder_may_decide_while_a_stand_in_could_and_so_may_the_stand_in():
    roster = Roster({LEADER: (A,), DIRECTOR: (C,)}, {A: B, B: D, C: A})

    assert roster.may_decide(A, LEADER)
    assert roster.may_decide(D, LEADER)
    assert not roster.may_decide(B, LEADER)  # has passed it on, and holds nothing
    assert not roster.may_decide(C, LEADER)
    assert roster.may_decide(B, LEADER, [D])
    assert not roster.may_decide(A, LEADER, [A])
    assert not roster.may_decide(D, LEADER, [A])


def test_a_person_in_two_posts_is_told_once_for_the_first_of_them():
    told = readers(
        [Role.UNIT_LEADER, Role.DEPUTY_MAYOR], None, HERE, Roster({LEADER: (A,), MAYOR: (A, B)})
    )

    assert told == (Told(A, LEADER), Told(B, MAYOR))


def test_an_owner_who_leads_the_unit_is_told_as_the_owner():
    told = readers([Reader.OWNER, Reader.ORIGIN_HEAD], A, NOWHERE, Roster({LEADER: (A,)}))

    assert told == (Told(A),)


def test_where_a_project_came_from_is_its_headquarters_else_its_unit():
    head = PostKey(Role.HEADQUARTERS_HEAD, "shanghai")
    roster = Roster({LEADER: (A,), head: (B,)})

    assert readers([Reader.ORIGIN_HEAD], None, HERE, roster) == (Told(B, head),)
    assert readers([Reader.ORIGIN_HEAD], None, NOWHERE, roster) == (Told(A, LEADER),)


def test_a_stand_in_is_told_instead_of_the_holder_and_both_stay_on_record():
    assert readers([Role.UNIT_LEADER], None, HERE, Roster({LEADER: (A,)}, {A: B})) == (
        Told(B, LEADER, on_behalf_of=A),
    )


def test_nobody_is_told_of_what_has_no_owner_and_no_holders():
    tells = [Reader.OWNER, Reader.ORIGIN_HEAD, Role.SPECIAL_TEAM_LEAD]

    assert readers(tells, None, NOWHERE, Roster()) == ()


def test_an_empty_post_is_news_whoever_else_was_told():
    tells = [Reader.OWNER, Reader.ORIGIN_HEAD, Role.UNIT_LEADER, Role.DEPUTY_MAYOR]
    roster = Roster({MAYOR: (A,)})

    assert empty_posts(tells, HERE, roster) == (PostKey(Role.HEADQUARTERS_HEAD, "shanghai"), LEADER)
    assert empty_posts([Role.SPECIAL_TEAM_LEAD], NOWHERE, roster) == ()
