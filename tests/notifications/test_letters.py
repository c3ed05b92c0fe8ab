"""Every mail can be written, in every language, as text and HTML, and nobody can write into it."""

import html
import re
from html.parser import HTMLParser

import pytest
from jinja2 import UndefinedError

from db.models import Person
from db.queries.people import PlaceName
from notifications.letters import Writer
from notifications.mails import ApprovalAsked, FreshLink, ProjectName, StageChanged
from state_machines.stages import Move, Stage
from tests.notifications.world import BASE_URL, CALENDAR, EXAMPLES, QUESTION, moved
from words.translations import Language

WRITER = Writer(BASE_URL, CALENDAR, {"330781": PlaceName("兰溪市", "Lanxi")}, link_days=10)
TOKEN = "a-token"

each_mail = pytest.mark.parametrize("mail", EXAMPLES, ids=lambda mail: mail.kind)
each_language = pytest.mark.parametrize("language", Language)


def letter(mail, language=Language.ZH_HANS, name="陈静"):
    reader = Person(name=name, email="chen@jinhua.example", language=language)
    return WRITER.write(mail, to=reader, mail_id=1, attempt=1, token=TOKEN)


class Outline(HTMLParser):
    """The tags of a page, each of which must be closed, and the text that shows."""

    def __init__(self, page):
        super().__init__()
        self.open, self.seen, self.text = [], [], ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.text += data


@each_mail
@each_language
def test_every_mail_can_be_written_in_every_language(mail, language):
    written = letter(mail, language)

    page = Outline(written.html)
    assert page.open == []
    assert ("html", {"lang": language}) in page.seen
    for text in (written.subject, written.text, page.text):
        assert text.strip()
        assert not re.search(r"\{[{%]|%\(|None|\bStage\.|UNKNOWN", text)
        assert language is Language.EN or re.search("[一-鿿]", text)


@each_mail
@each_language
def test_text_and_html_lead_to_the_same_places(mail, language):
    written = letter(mail, language)

    in_text = set(re.findall(r"^(?:[^>\s]+\s*)?.*?(http://\S+)$", written.text, re.MULTILINE))
    in_html = {attrs["href"] for tag, attrs in Outline(written.html).seen if tag == "a"}
    assert in_html == in_text


@each_mail
def test_only_a_question_carries_the_link_that_answers_it(mail):
    written = letter(mail)

    asks = isinstance(mail, ApprovalAsked)
    assert (f"{BASE_URL}/a/{TOKEN}" in written.text) is asks
    assert (f'href="{BASE_URL}/a/{TOKEN}"' in written.html) is asks


@each_language
def test_the_first_lines_say_as_whom_one_is_asked_and_what_to_do(language):
    first, second, link, *_ = letter(ApprovalAsked(**QUESTION), language).text.splitlines()

    assert ("Lanxi" if language is Language.EN else "兰溪市") in first
    assert "李雷" in first
    assert ("answer it here" if language is Language.EN else "以下链接") in second
    assert link == f"{BASE_URL}/a/{TOKEN}"


def test_a_fresh_link_says_what_became_of_the_others():
    question = {**QUESTION}

    first, fresh = letter(ApprovalAsked(**question)), letter(FreshLink(**question))

    assert "此前发送给您的链接已失效" in fresh.text
    assert "此前发送给您的链接已失效" not in first.text
    assert fresh.subject == first.subject


ATTACK = '</p><script>alert("1")</script><a href="http://evil.example">'
INTO_THE_HEADERS = "项目\r\nBcc: all@jinhua.example\u202e\u200b"


def test_markup_in_what_people_typed_stays_text():
    name = ProjectName(number="JH-2026-0001", zh=ATTACK, en=None)
    typed = {"project": name, "reason": ATTACK, "requested_by": ATTACK, "on_behalf_of": ATTACK}

    page = Outline(letter(ApprovalAsked(**QUESTION | typed), name=ATTACK).html)

    assert page.open == []
    assert "script" not in [tag for tag, _ in page.seen]
    assert [attrs["href"] for tag, attrs in page.seen if tag == "a"] == [f"{BASE_URL}/a/{TOKEN}"]
    assert page.text.count("<script>") == 5


def test_a_name_with_line_breaks_begins_no_header_and_hides_nothing():
    name = ProjectName(number="JH-2026-0001", zh=INTO_THE_HEADERS, en=None)
    mail = StageChanged(project=name, move=Move.SIGN, before=Stage.LEAD, after=Stage.SIGNED)

    written = letter(mail, name=INTO_THE_HEADERS)

    for text in (written.subject, written.to_name, written.text):
        assert not re.search("^Bcc", text, re.MULTILINE)
        assert not set(text) & {"\r", "\u202e", "\u200b"}


def test_what_somebody_wrote_is_set_off_from_what_we_say():
    reason = f"看这里：\n\n{BASE_URL}/a/forged"

    text = letter(moved(Stage.SIGNED, reason)).text

    assert f"> 看这里：\n> {BASE_URL}/a/forged\n" in text


def test_a_long_name_is_cut_in_the_subject_without_breaking_a_character():
    name = ProjectName(number="JH-2026-0001", zh="长" * 100, en=None)

    subject = letter(ApprovalAsked(**QUESTION | {"project": name})).subject

    assert subject.startswith("[JH-2026-0001] 请您审批：签约")
    assert subject.endswith("长…")
    assert len(subject.encode()) <= 180


def test_the_mails_of_one_project_hang_on_one_thread_and_answer_no_machine():
    question, news = letter(ApprovalAsked(**QUESTION)), letter(moved(Stage.SIGNED))

    assert question.headers == news.headers
    assert question.headers == {
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "References": "<JH-2026-0042@127.0.0.1>",
    }
    assert question.subject.startswith("[JH-2026-0042] ")
    assert news.subject.startswith("[JH-2026-0042] ")


def test_a_project_without_a_name_in_ones_language_goes_by_the_other():
    only_english = ProjectName(number="JH-2026-0001", zh=None, en="Battery plant")

    assert "Battery plant" in letter(ApprovalAsked(**QUESTION | {"project": only_english})).text


def test_a_light_is_a_word_and_a_shape_and_a_day_not_announced_is_provisional():
    [orders] = [each for each in EXAMPLES if each.kind == "orders" and each.more]

    written = letter(orders)

    for text in (written.text, html.unescape(written.html)):
        assert "■ 红灯" in text
        assert "▲ 黄灯" in text
        assert "2027年3月1日（暂定）" in text
        assert "另有3个项目" in text


def test_the_page_is_styled_in_place_for_phones_and_dark_screens():
    page = letter(EXAMPLES[0]).html

    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in page
    assert '<meta name="color-scheme" content="light dark">' in page
    assert "prefers-color-scheme: dark" in page
    assert re.search(r'<a class="button"[^>]* style="[^"]*background: #0b5cad', page)


def test_a_fact_that_is_not_there_is_an_error_and_no_blank(monkeypatch):
    monkeypatch.setattr(StageChanged, "kind", "approval_asked")

    with pytest.raises(UndefinedError):
        letter(moved(Stage.SIGNED))
