"""Every mail can be written, in every language, as text and HTML, and nobody can write into it."""

import html
import re
from html.parser import HTMLParser

import pytest
from jinja2 import UndefinedError

from db.models import Person
from db.queries.people import PlaceName
from notifications.letters import Writer
from notifications.mails import (
    ApprovalAsked,
    ApprovalReminder,
    AskedNoLonger,
    FreezeEnded,
    FreshLink,
    ProjectName,
    StageChanged,
)
from notifications.outbox import ASKING
from state_machines.approvals import AskedBecause, NoLongerAsked, RequestState, Subject
from state_machines.stages import Move, Stage
from tests.notifications.world import (
    BASE_URL,
    CALENDAR,
    EXAMPLES,
    EXTENSION,
    FIRST,
    HOLD,
    PLAIN,
    QUESTION,
    moved,
    of_request,
    settled,
)
from words.translations import Language

PLACES = {"330781": PlaceName("兰溪市", "Lanxi"), "330782": PlaceName("义乌市", "Yiwu")}
WRITER = Writer(BASE_URL, CALENDAR, PLACES, {1: "王芳", 2: "李雷"}, link_days=10)
SECRET = "a-secret"

each_mail = pytest.mark.parametrize("mail", EXAMPLES, ids=lambda mail: mail.kind)
each_language = pytest.mark.parametrize("language", Language)


def letter(mail, language=Language.ZH_HANS, name="陈静"):
    reader = Person(name=name, email="chen@jinhua.example", language=language)
    return WRITER.write(mail, to=reader, mail_id=1, attempt=1, secret=SECRET)


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
def test_a_letter_carries_the_link_or_the_code_of_its_kind_and_no_other(mail):
    written = letter(mail)

    carried = {
        "decision_code": SECRET,
        "receipt": f"{BASE_URL}/r/{SECRET}",
        **dict.fromkeys(ASKING, f"{BASE_URL}/a/{SECRET}"),
    }.get(mail.kind)
    assert written.text.count(SECRET) == written.html.count(SECRET) == (carried is not None)
    assert carried is None or (carried in written.text and carried in written.html)
    assert SECRET not in written.subject


@each_language
def test_the_first_lines_say_as_whom_one_is_asked_and_what_to_do(language):
    question = QUESTION | PLAIN | FIRST | {"on_behalf_of": "李雷"}

    first, second, link, *_ = letter(ApprovalAsked(**question), language).text.splitlines()

    assert ("Lanxi" if language is Language.EN else "兰溪市") in first
    assert "李雷" in first
    assert ("answer it here" if language is Language.EN else "以下链接") in second
    assert link == f"{BASE_URL}/a/{SECRET}"


def test_who_is_asked_for_another_post_reads_why_before_anything_else():
    why = {
        because: letter(ApprovalAsked(**QUESTION | {"because": because})).text.splitlines()[1]
        for because in AskedBecause
    }

    assert why.pop(AskedBecause.HOLDS) == why.pop(AskedBecause.STANDS_IN) == ""
    assert why == {
        AskedBecause.EMPTY: "规则所定岗位目前空缺，故请您审批。",
        AskedBecause.EXCLUDED: "规则所定岗位人员系本申请的申请人、项目负责人或最近修改人，"
        "依规回避，故请您审批。",
        AskedBecause.SECOND_PERSON: "本事项须至少两人同意，目前各岗位均由同一人同意，故请您审批。",
        AskedBecause.OVERDUE: "下级岗位逾期未审批，故加请您审批。"
        "下级岗位仍可审批，以先作出的意见为准。",
        AskedBecause.UNDELIVERED: "发送给原审批人的邮件未能送达，故请您审批。",
        AskedBecause.REASSIGNED: "本事项已转交您审批。",
    }


def test_who_passed_a_question_on_is_quoted_before_the_link():
    text = letter(ApprovalAsked(**QUESTION)).text

    assert "转交说明：\n> 我下周出差\n> 请代为把关\n" in text
    assert text.index("> 请代为把关") < text.index(f"/a/{SECRET}")


IN_WORDS = {
    Language.EN: """\
- Investment: CNY 800 m → CNY 5.2 bn
- Planned start: June 2026 → 1 March 2027
- Funds certified on: not known yet → 20 February 2026
- Host unit: Yiwu → Lanxi
- Project owner: 王芳 → 李雷
- Manufacturing or not: Manufacturing → Partly manufacturing
- Whether a factory has to be leased: Yes → No
- Area: 12,000 m² → 12,500 m²
- Evidence: not known yet → Signed contract, Proof of work on site
- Site: 一号地块 → 二号地块
""",
    Language.ZH_HANS: """\
- 计划总投资：8亿元 → 52亿元
- 计划开工时间：2026年6月 → 2027年3月1日
- 资金核验日期：尚未填写 → 2026年2月20日
- 落户县市区：义乌市 → 兰溪市
- 项目负责人：王芳 → 李雷
- 是否制造业项目：制造业 → 部分属制造业
- 是否需要租赁厂房：是 → 否
- 面积：12,000 平方米 → 12,500 平方米
- 佐证材料：尚未填写 → 已签订的合同、现场开工佐证
- 项目选址：一号地块 → 二号地块
""",
}


@each_language
@pytest.mark.parametrize("kind", ["approval_asked", "facts_changed"])
def test_what_has_changed_is_said_field_by_field_in_words(kind, language):
    mail = next(each for each in EXAMPLES if each.kind == kind)

    written = letter(mail, language)

    assert IN_WORDS[language] in written.text
    for line in IN_WORDS[language].splitlines():
        assert line.removeprefix("- ") in Outline(written.html).text


def test_a_round_on_the_same_facts_says_that_nothing_has_changed():
    again = letter(ApprovalAsked(**QUESTION | {"changed": ()})).text
    first = letter(ApprovalAsked(**QUESTION | FIRST)).text

    assert "与上次申请相比，项目情况没有变化。" in again
    assert "与上次申请相比" not in first


def test_the_last_day_for_an_answer_is_said_with_what_comes_after_it():
    then_superior = letter(ApprovalAsked(**QUESTION)).text
    then_nothing = letter(ApprovalAsked(**QUESTION | {"then_expires": True})).text

    assert "请于2026年3月9日（含当日）前审批；逾期将加请上级岗位审批。" in then_superior
    assert "请于2026年3月9日（含当日）前审批；逾期本申请自动失效，不视为同意。" in then_nothing


def test_a_hold_is_asked_for_with_its_end_and_an_extension_with_its_days():
    hold = letter(ApprovalAsked(**QUESTION | HOLD), Language.EN).text
    extension = letter(ApprovalAsked(**QUESTION | EXTENSION), Language.EN).text

    assert "What is asked: On hold until 30 April 2026\n" in hold
    assert "What is asked: “In negotiation” extended: 20 working days left" in extension


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"subject": Subject.HOLD, "until": HOLD["until"]}, "on hold until 30 April 2026, and"),
        ({"subject": Subject.EXTENSION, "days": 20}, "the stage has 20 working days left."),
        ({}, "the project has moved on."),
    ],
)
def test_what_was_granted_is_said_to_whoever_asked(facts, said):
    assert said in letter(settled(RequestState.APPROVED, **facts), Language.EN).text


@each_language
def test_who_is_asked_no_longer_reads_why(language):
    why = {
        why: letter(of_request(AskedNoLonger, why=why), language).text.splitlines()[1]
        for why in NoLongerAsked
    }

    assert len(set(why.values())) == len(NoLongerAsked)
    assert all(why.values())


SAID = {
    "decision_code": ["to decide on the request “Sign” for", SECRET, "works for 10 minutes"],
    "receipt": ["you have answered “Reject”", "> 暂不同意", "after your answer: Rejected"],
    "tier_crossed": [
        "gone from CNY 800 m to CNY 5.2 bn",
        "told as Lead of the special team, Head of the promotion center:",
        "into the stage “Signed” stands",
    ],
    "nobody_answers": ["nobody may answer as Lead of the special team", "Name a holder"],
    "project_froze": ["李雷 says that the answer", "confirm or annul the decision"],
    "freeze_ended": ["has been annulled", "Looked into by: 赵敏", "> 已当面核实"],
}


@pytest.mark.parametrize("kind", SAID)
def test_each_letter_says_what_its_reader_has_to_know(kind):
    mail = next(each for each in EXAMPLES if each.kind == kind)

    text = letter(mail, Language.EN).text

    assert [said for said in SAID[kind] if said not in text] == []


def test_a_freeze_that_ends_says_whether_the_decision_stands():
    facts = {"ended_by": "赵敏", "reason": "已当面核实"}
    annulled, confirmed = (
        letter(of_request(FreezeEnded, annulled=each, **facts), Language.EN)
        for each in (True, False)
    )

    assert "Decision annulled" in annulled.subject
    assert "has to be asked again" in annulled.text
    assert "Decision confirmed" in confirmed.subject
    assert "It stands as it was given" in confirmed.text


def test_a_reminder_names_who_nudges_and_the_machine_names_nobody():
    nudged = letter(ApprovalReminder(**QUESTION, nudged_by="王芳\u202e")).text.splitlines()
    reminded = letter(ApprovalReminder(**QUESTION)).text.splitlines()

    assert nudged[0] == "王芳提请您尽快审批，以下事项仍在等待您的意见。"
    assert reminded[0] == "提醒：以下事项仍在等待您的审批意见。"
    assert nudged[1:] == reminded[1:] == letter(ApprovalAsked(**QUESTION)).text.splitlines()


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
    assert [attrs["href"] for tag, attrs in page.seen if tag == "a"] == [f"{BASE_URL}/a/{SECRET}"]
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
    monkeypatch.setattr(StageChanged, "kind", "empty_posts")

    with pytest.raises(UndefinedError):
        letter(moved(Stage.SIGNED))
