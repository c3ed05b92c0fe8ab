"""Delegations: against every day walked by hand."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state_machines.delegations import StandIn, refuse_delegation
from state_machines.errors import ValueRefused

FIRST = date(2026, 3, 2)
A, B, C, D, E = range(1, 6)


def day(n):
    return FIRST + timedelta(days=n)


def stand_in(holder, other, first=0, last=9):
    return StandIn(holder, other, day(first), day(last))


@pytest.mark.parametrize(
    ("new", "others"),
    [
        (stand_in(A, B), []),
        (stand_in(A, B), [stand_in(C, B)]),  # one person may stand in for several
        (stand_in(A, B), [stand_in(B, C)]),
        (stand_in(B, C), [stand_in(A, B)]),
        (stand_in(A, B, 5, 9), [stand_in(A, C, 0, 4)]),
        (stand_in(A, B, 5, 9), [stand_in(B, A, 0, 4)]),
        (stand_in(A, B, 0, 4), [stand_in(B, C, 0, 9), stand_in(C, D, 5, 9)]),
        (stand_in(A, B, 3, 3), []),
    ],
)
def test_whose_answer_it_is_stays_clear(new, others):
    refuse_delegation(new, others)


@pytest.mark.parametrize(
    ("new", "others", "field", "expected"),
    [
        (stand_in(A, B, 5, 4), [], "to_day", "not before the first day"),
        (stand_in(A, A), [], "stand_in", "somebody else"),
        (stand_in(A, B), [stand_in(A, C, 9, 12)], "from_day", "days without another stand-in"),
        (stand_in(A, B), [stand_in(A, B, 3, 4)], "from_day", "days without another stand-in"),
        (stand_in(A, B), [stand_in(B, A, 9, 12)], "stand_in", "no circle of stand-ins"),
        (
            stand_in(A, B),
            [stand_in(B, C), stand_in(C, A)],
            "stand_in",
            "no circle of stand-ins",
        ),
        (
            stand_in(A, B),
            [stand_in(B, C), stand_in(C, D)],
            "stand_in",
            "no longer chain of stand-ins",
        ),
        (
            stand_in(B, C),
            [stand_in(A, B), stand_in(C, D)],
            "stand_in",
            "no longer chain of stand-ins",
        ),
        (
            stand_in(C, D, 0, 9),
            [stand_in(A, B, 9, 9), stand_in(B, C, 9, 9)],
            "stand_in",
            "no longer chain of stand-ins",
        ),
    ],
)
def test_what_would_leave_it_unclear_is_refused_with_the_field_to_mend(
    new, others, field, expected
):
    with pytest.raises(ValueRefused) as refused:
        refuse_delegation(new, others)

    assert (refused.value.field, refused.value.expected) == (field, expected)


some_stand_ins = st.builds(
    stand_in,
    st.integers(A, E),
    st.integers(A, E),
    st.integers(0, 4),
    st.integers(0, 6),
)


@given(st.lists(some_stand_ins, max_size=12))
def test_whatever_is_asked_for_no_day_has_a_circle_a_long_chain_or_two_stand_ins(asked):
    granted = []
    for new in asked:
        holds = is_clear([*granted, new])
        try:
            refuse_delegation(new, granted)
        except ValueRefused:
            assert not holds
        else:
            assert holds
            granted.append(new)


def is_clear(delegations):
    """Walk every day from every person, one stand-in after another."""
    if any(each.to_day < each.from_day for each in delegations):
        return False
    for n in range(8):
        today = [each for each in delegations if each.from_day <= day(n) <= each.to_day]
        if len({each.holder for each in today}) < len(today):
            return False
        nexts = {each.holder: each.stand_in for each in today}
        for holder, stand_in in nexts.items():
            last, steps = stand_in, 1
            while last in nexts and steps <= 2:  # a circle never ends
                last, steps = nexts[last], steps + 1
            if steps > 2 or last == holder:
                return False
    return True
