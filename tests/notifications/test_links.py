"""A link opens one thing for one person, for a while, and dies with what it was for."""

import hashlib
from datetime import datetime

import pytest
from sqlalchemy import select

from db.models import LinkPurpose, LinkToken, Mail
from notifications import links
from state_machines.errors import LinkDead, LinkExpired, LinkUnknown
from state_machines.working_days import CITY_TIME
from tests.notifications.world import CALENDAR, person, request


@pytest.fixture
def asked(city, clock):
    """A request that asks two people, with a function that mints a link for one of them."""
    with city.writing() as session:
        ann, ben, eve = (person(session, name) for name in ("Ann", "Ben", "Eve"))
        return request(session, ann, ben, eve, now=clock())


def mint(database, clock, asked, nth=0, purpose=LinkPurpose.APPROVAL, days=10):
    reader = asked.approvals[nth].person_id
    with database.writing() as session:
        mine = select(Mail.id).where(Mail.person_id == reader, Mail.request_id == asked.id)
        return links.mint(
            session,
            purpose=purpose,
            mail_id=session.scalars(mine).one(),
            person_id=reader,
            request_id=asked.id,
            now=clock(),
            calendar=CALENDAR,
            days=days,
        )


def mint_receipt(database, clock, asked):
    return mint(database, clock, asked, purpose=LinkPurpose.RECEIPT, days=None)


def read(database, clock, token, purpose=LinkPurpose.APPROVAL):
    with database.reading() as session:
        return links.read(session, token, purpose, now=clock())


def test_a_link_knows_its_reader_and_request(city, clock, asked):
    token = mint(city, clock, asked)

    link = read(city, clock, token)

    assert (link.person_id, link.request_id) == (asked.approvals[0].person_id, asked.id)


def test_every_minting_makes_another_token_of_256_bits_and_only_its_hash_is_kept(
    city, clock, asked
):
    first, second = mint(city, clock, asked), mint(city, clock, asked)

    with city.reading() as session:
        kept = session.scalars(select(LinkToken.sha256).order_by(LinkToken.id)).all()
    assert kept == [hashlib.sha256(each.encode()).hexdigest() for each in (first, second)]
    assert len(first) == len(second) == 43
    assert first != second


def test_a_link_lasts_to_the_end_of_its_tenth_working_day(city, clock, asked):
    token = mint(city, clock, asked)

    clock.time = datetime(2026, 3, 16, 23, 59, tzinfo=CITY_TIME)
    assert read(city, clock, token).request_id == asked.id
    clock.forward(minutes=1)
    with pytest.raises(LinkExpired):
        read(city, clock, token)


@pytest.mark.parametrize(
    "change", [lambda t: t[:-1], lambda t: t + "x", lambda t: "", str.swapcase]
)
def test_a_link_that_was_cut_or_changed_is_unknown_and_not_repeated(city, clock, asked, change):
    token = change(mint(city, clock, asked))

    with pytest.raises(LinkUnknown) as refusal:
        read(city, clock, token)

    assert not token or token not in str(refusal.value)


def test_a_link_of_another_purpose_is_unknown(city, clock, asked):
    token = mint(city, clock, asked)

    with pytest.raises(LinkUnknown):
        read(city, clock, token, LinkPurpose.ORDER)


def test_all_links_of_a_request_die_together_and_stay_known(city, clock, asked):
    tokens = [mint(city, clock, asked, nth) for nth in (0, 0, 1)]
    with city.writing() as session:
        links.revoke(session, asked.id, now=clock())

    for token in tokens:
        with pytest.raises(LinkDead):
            read(city, clock, token)
        with city.reading() as session:
            assert links.find(session, token, LinkPurpose.APPROVAL).revoked_at == clock()


def test_one_approver_s_links_can_die_alone(city, clock, asked):
    bens, eves = mint(city, clock, asked, 0), mint(city, clock, asked, 1)
    with city.writing() as session:
        links.revoke(session, asked.id, asked.approvals[0].person_id, now=clock())

    assert read(city, clock, eves).person_id == asked.approvals[1].person_id
    with pytest.raises(LinkDead):
        read(city, clock, bens)


def test_a_receipt_works_without_end_whatever_becomes_of_its_request(city, clock, asked):
    receipt, question = mint_receipt(city, clock, asked), mint(city, clock, asked)
    with city.writing() as session:
        links.revoke(session, asked.id, asked.approvals[0].person_id, now=clock())
        links.revoke(session, asked.id, now=clock())
    clock.forward(days=3650)

    assert read(city, clock, receipt, LinkPurpose.RECEIPT).request_id == asked.id
    with pytest.raises(LinkDead):
        read(city, clock, question)


def test_whoever_disowns_an_answer_loses_their_links_to_all_requests(city, clock, asked):
    with city.writing() as session:
        eve = session.merge(asked.approvals[1].person)
        other = request(session, eve, session.merge(asked.approvals[0].person), now=clock())
    mine = mint(city, clock, asked), mint(city, clock, other)
    hers, receipt = mint(city, clock, asked, 1), mint_receipt(city, clock, asked)
    with city.writing() as session:
        links.revoke_all_of(session, asked.approvals[0].person_id, now=clock())

    for token in mine:
        with pytest.raises(LinkDead):
            read(city, clock, token)
    assert read(city, clock, hers).request_id == asked.id
    assert read(city, clock, receipt, LinkPurpose.RECEIPT).request_id == asked.id


def test_dead_is_said_before_expired_and_the_hour_of_death_stays(city, clock, asked):
    token, died_at = mint(city, clock, asked), clock()
    for _ in range(2):
        with city.writing() as session:
            links.revoke(session, asked.id, now=clock())
        clock.forward(days=30)

    with pytest.raises(LinkDead):
        read(city, clock, token)
    with city.reading() as session:
        assert links.find(session, token, LinkPurpose.APPROVAL).revoked_at == died_at
