"""Every refusal has a page and a status, in both languages, and nothing else leaks out."""

from datetime import date

import pytest
from fastapi import FastAPI

from runtime.settings import SettingsInvalid
from state_machines import errors
from state_machines.approvals import Answer, RequestState
from state_machines.gates import RequirementKey
from state_machines.policy_faults import Fault
from state_machines.posts import Role
from state_machines.stages import Move, Stage
from tests.builders import Staff
from tests.databases import on_sqlite
from tests.web.browser import browser, shown
from tests.words.ours import subclasses
from use_cases.importing.problems import FileRefused, Message
from web.refusals import STATUS
from words.refusals import sentence
from words.translations import Language, speaking

REFUSALS = [
    errors.NotFound("project", "JH-1"),
    errors.IllegalMove(Stage.LEAD, Move.START),
    errors.GateNotMet(Stage.SIGNED, [RequirementKey.SITE, RequirementKey.AREA]),
    errors.ValueRefused("investment", "an amount", "plenty"),
    errors.ReasonRequired(Move.LOSE),
    errors.EditedMeanwhile({"site": "二号地块"}),
    errors.NotAllowed("advance"),
    errors.RequestPending("JH-1"),
    errors.NobodyToAsk(Role.UNIT_LEADER),
    errors.QuorumOutOfReach(2, needed=3, eligible=1),
    errors.NotTheApprover(),
    errors.NotEligible("王敏"),
    errors.NudgedToday(),
    errors.CodeRequired(),
    errors.CodeWrong(2),
    errors.CodeExpired(),
    errors.ProjectFrozen("JH-1"),
    errors.OnHoldAlready(date(2026, 5, 8)),
    errors.HoldTooLong(2026, 12),
    errors.ExtensionsSpent(2026),
    errors.RequestClosed(RequestState.APPROVED),
    errors.AnsweredOtherwise(Answer.APPROVE),
    errors.LinkUnknown(),
    errors.LinkExpired(),
    errors.LinkDead(),
    errors.PolicyInvalid("jinhua.toml", [Fault("tiers", "a list")]),
    errors.FutureAsOf(),
    errors.NaiveTime("2026-12-01"),
    FileRefused(Message("This link is not known here. Open it from the mail again, whole.")),
    SettingsInvalid(["mail_from"], []),
]


def test_every_refusal_has_a_status_and_a_case_here() -> None:
    ours = set(subclasses(errors.Refusal))

    assert set(STATUS) == ours
    assert {type(each) for each in REFUSALS} == ours


@on_sqlite
@pytest.mark.parametrize("language", Language)
def test_a_refusal_is_said_on_a_page_with_its_status(app: FastAPI, language: Language) -> None:
    @app.get("/refuse/{nth}")
    def refuse_it(nth: int) -> None:
        raise REFUSALS[nth]

    client = browser(app)
    client.cookies.set("luodi_language", language)
    answers = [client.get(f"/refuse/{nth}") for nth in range(len(REFUSALS))]

    assert [each.status_code for each in answers] == [STATUS[type(each)] for each in REFUSALS]
    assert {each.headers["content-language"] for each in answers} == {language}
    with speaking(language):
        said = [" ".join(sentence(each).split()) for each in REFUSALS]
    assert [each for each, page in zip(said, answers, strict=True) if each not in shown(page)] == []


@on_sqlite
def test_what_breaks_is_told_to_the_log_and_not_to_the_reader(
    app: FastAPI, caplog: pytest.LogCaptureFixture
) -> None:
    @app.get("/break")
    def break_it() -> None:
        raise RuntimeError("the secret of the house")

    answer = browser(app).get("/break")

    assert answer.status_code == 500
    assert "secret" not in answer.text
    fault_id = caplog.records[-1].getMessage().split()[-1]
    assert fault_id in answer.text
    assert "default-src 'self'" in answer.headers["content-security-policy"]


@on_sqlite
@pytest.mark.parametrize("language", Language)
def test_other_faults_have_pages_too(app: FastAPI, staff: Staff, language: Language) -> None:
    faults = [
        ("GET", "/nowhere", 404),
        ("DELETE", "/projects", 405),
        ("POST", "/language", 422),
        ("GET", "/projects?older_than=soon", 422),
        ("GET", "/projects?stage=heaven", 422),
    ]
    client = browser(app)
    client.cookies.set("luodi_language", language)

    answers = [client.request(method, path) for method, path, _ in faults]

    assert [each.status_code for each in answers] == [status for *_, status in faults]
    assert all(f'<html lang="{language}">' in each.text for each in answers)
