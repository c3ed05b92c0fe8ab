"""Every name in the code has its word in both languages."""

import re
from collections import Counter

import pytest

from state_machines.facts import FACT_NAMES
from state_machines.ladder import Light
from state_machines.stages import Stage
from tests.words.ours import ENUMS
from words.fields import field_label
from words.labels import label, light_shape
from words.translations import Language, speaking

MEMBERS = [member for enum in ENUMS for member in enum]
WITHIN_A_SENTENCE = {"AskedBecause", "NoLongerAsked", "Quorum", "StepStanding", "Through"}
"""The enums whose words stand within a sentence; the others can stand by themselves."""


@pytest.mark.parametrize("member", MEMBERS, ids=repr)
def test_every_member_of_every_enum_has_a_word_in_both_languages(member):
    assert re.search(r"[\u4e00-\u9fff]", label(member))
    with speaking(Language.EN):
        first = "[a-z]" if type(member).__name__ in WITHIN_A_SENTENCE else "[A-Z]"
        assert re.fullmatch(rf"{first}[A-Za-z,:' -]*", label(member))


@pytest.mark.parametrize("enum", ENUMS, ids=lambda enum: enum.__name__)
def test_no_two_members_of_an_enum_share_a_word(enum):
    for language in Language:
        with speaking(language):
            assert len({label(member) for member in enum}) == len(enum)


def test_no_two_enums_share_a_name():
    assert [n for n, times in Counter(e.__name__ for e in ENUMS).items() if times > 1] == []


@pytest.mark.parametrize("name", FACT_NAMES)
def test_every_fact_of_a_project_has_a_word_in_both_languages(name):
    assert re.search(r"[\u4e00-\u9fff]", field_label(name))
    with speaking(Language.EN):
        assert field_label(name) != name


def test_a_column_of_somebody_elses_file_keeps_its_name():
    assert field_label("备注") == "备注"


def test_the_stages_are_called_as_the_city_calls_them():
    assert [label(stage) for stage in Stage] == ["线索", "在谈", "签约", "租赁厂房", "开工", "流失"]


def test_no_light_speaks_by_colour_alone():
    assert [(light_shape(light), label(light)) for light in Light] == [
        ("●", "绿灯"),
        ("▲", "黄灯"),
        ("■", "红灯"),
    ]
