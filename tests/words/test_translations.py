"""One sentence, two languages, and who hears which."""

from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

import pytest
from jinja2 import Environment, StrictUndefined

from words.translations import (
    Language,
    MissingTranslation,
    current_language,
    gettext,
    install,
    ngettext,
    pgettext,
    speaking,
)


@pytest.fixture
def environment() -> Environment:
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    install(environment)
    return environment


def test_chinese_is_spoken_first():
    assert current_language() is Language.ZH_HANS
    assert gettext("Host unit") == "落户县市区"


def test_a_language_is_spoken_inside_and_no_longer():
    with speaking(Language.EN):
        assert gettext("Host unit") == "Host unit"
        with speaking(Language.ZH_HANS):
            assert gettext("Host unit") == "落户县市区"
        assert gettext("Host unit") == "Host unit"

    assert current_language() is Language.ZH_HANS


def test_an_error_inside_gives_the_language_back():
    with pytest.raises(RuntimeError), speaking(Language.EN):
        raise RuntimeError

    assert current_language() is Language.ZH_HANS


def test_another_thread_hears_the_language_of_its_own_context():
    with ThreadPoolExecutor(1) as pool, speaking(Language.EN):
        own = pool.submit(current_language).result()
        carried = pool.submit(copy_context().run, current_language).result()

    assert (own, carried) == (Language.ZH_HANS, Language.EN)


@pytest.mark.parametrize(
    ("language", "said"),
    [(Language.ZH_HANS, "该审批已办结：X。您无需再办理。"),
     (Language.EN, "This request is settled already: X. Nothing more needs to be done.")],
)  # fmt: skip
def test_placeholders_are_filled_in_either_language(language, said):
    with speaking(language):
        sentence = "This request is settled already: %(state)s. Nothing more needs to be done."
        assert gettext(sentence, state="X") == said


def test_a_placeholder_without_its_fact_is_an_error():
    with pytest.raises(KeyError, match="state"):
        gettext("This request is settled already: %(state)s. Nothing more needs to be done.")


def test_english_has_two_numbers():
    with speaking(Language.EN):
        said = [ngettext("%(num)s %(what)s", "%(num)s %(what)ss", n, what="day") for n in (1, 2)]

    assert said == ["1 day", "2 days"]


@pytest.mark.parametrize(
    "say",
    [
        lambda: gettext("Never said"),
        lambda: ngettext("Never said", "Never said at all", 1),
        lambda: pgettext("nowhere", "Never said"),
    ],
)
def test_missing_chinese_is_english_with_a_warning(say):
    with pytest.warns(MissingTranslation, match="no Chinese for 'Never said'"):
        assert say() == "Never said"


def test_one_template_speaks_the_language_of_the_moment(environment):
    template = environment.from_string("{% trans %}Host unit{% endtrans %}")
    said = []
    for language in Language:
        with speaking(language):
            said.append(template.render())

    assert said == ["落户县市区", "Host unit"]


def test_a_template_may_break_a_sentence_over_lines(environment):
    template = environment.from_string("{% trans %}\n  Host\n  unit\n{% endtrans %}")

    assert template.render() == "落户县市区"


def test_a_fact_in_a_template_is_escaped(environment):
    template = environment.from_string("{{ gettext('%(date)s (provisional)', date=date) }}")

    assert template.render(date="<b>") == "&lt;b&gt;（暂定）"
