"""The audit trail in words: what was done, and what stood in its way."""

import pytest

from db.models import AuditEntry
from state_machines.gates import RequirementKey
from state_machines.posts import Role
from web.acts import act_in_words
from words.translations import Language, speaking


@pytest.mark.parametrize(
    ("details", "chinese", "english"),
    [
        (
            {"missing": [RequirementKey.SITE, RequirementKey.AREA]},
            "未重新提请审批：尚缺项目选址、面积",
            "Not asked again: still missing Site, Area",
        ),
        (
            {"nobody_for": Role.UNIT_LEADER},
            "未重新提请审批：“县市区主要负责人”岗位无人可以答复",
            "Not asked again: nobody may answer for Leader of the host unit",
        ),
        ({}, "未重新提请审批", "Not asked again"),
    ],
)
def test_what_was_not_asked_again_says_why(
    details: dict[str, object], chinese: str, english: str
) -> None:
    entry = AuditEntry(act="not_asked_again", details=details)

    with speaking(Language.ZH_HANS):
        assert act_in_words(entry) == chinese
    with speaking(Language.EN):
        assert act_in_words(entry) == english


def test_an_act_of_another_version_is_shown_by_its_key() -> None:
    assert act_in_words(AuditEntry(act="blessed", details={})) == "blessed"
