import pytest

from tests.notifications.senders.conftest import a_letter

# Written as escapes: in clear, an editor would hide them or turn the line round.
RIGHT_TO_LEFT_OVERRIDE, ISOLATE, POP_ISOLATE = "\u202e", "\u2066", "\u2069"
ZERO_WIDTH_SPACE, BYTE_ORDER_MARK, LINE_SEPARATOR = "\u200b", "\ufeff", "\u2028"


@pytest.mark.parametrize(
    ("typed", "safe"),
    [
        ("签约审批", "签约审批"),
        ("请审批\r\nBcc: everyone@example.com", "请审批 Bcc: everyone@example.com"),
        ("一\n二\r三\x0b四\x0c五\x85六", "一 二 三 四 五 六"),
        (f"一{LINE_SEPARATOR}二", "一 二"),
        ("nul\x00 bell\x07 escape\x1b[31m delete\x7f", "nul bell escape [31m delete"),
        (f"{RIGHT_TO_LEFT_OVERRIDE}fdp.exe", "fdp.exe"),
        (f"{ISOLATE}浙江{POP_ISOLATE}光伏", "浙江光伏"),
        (f"{BYTE_ORDER_MARK}金{ZERO_WIDTH_SPACE}华", "金华"),
        ("half a pair \ud83d", "half a pair"),
        ("  much   space\t", "much space"),
        ("𠮷野家（义乌）有限公司 🚩", "𠮷野家（义乌）有限公司 🚩"),
        ('a; b, "c" <d>', 'a; b, "c" <d>'),
    ],
)
def test_a_subject_is_one_line_of_what_can_be_seen(typed: str, safe: str) -> None:
    assert a_letter(subject=typed).subject == safe


@pytest.mark.parametrize(
    ("typed", "safe"),
    [
        ("陈静", "陈静"),
        ("欧阳·娜娜（市招商中心）", "欧阳·娜娜（市招商中心）"),
        ("Müller-O'Brien Jr.", "Müller-O'Brien Jr."),
        ("Chen, Jing; Li, Wei", "Chen Jing Li Wei"),
        ('Chen "Jing" Wei', "Chen Jing Wei"),
        ("Mayor <mayor@jinhua.example>", "Mayor mayor@jinhua.example"),
        ("陈静\r\nTo: someone@example.com", "陈静 To: someone@example.com"),
        (f"{RIGHT_TO_LEFT_OVERRIDE}静陈", "静陈"),
        (" , ", ""),
        ("", ""),
    ],
)
def test_a_name_can_stand_before_an_address_and_end_nothing(typed: str, safe: str) -> None:
    assert a_letter(to_name=typed).to_name == safe


def test_an_address_pasted_with_its_line_end_is_still_that_address() -> None:
    assert a_letter(to_email=" chen.jing@wuyi.example\r\n").to_email == "chen.jing@wuyi.example"


def test_the_value_of_a_header_cannot_begin_another_header() -> None:
    letter = a_letter(headers={"References": "<a@luodi.example>\r\nBcc: all@example.com"})

    assert letter.headers == {"References": "<a@luodi.example> Bcc: all@example.com"}


@pytest.mark.parametrize("name", ["", "Two Words", "X-A:", "X-A\r\nBcc", "标题", "X-Ä"])
def test_a_header_without_a_valid_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="cannot bring the header"):
        a_letter(headers={name: "x"})


@pytest.mark.parametrize("name", ["To", "from", "SUBJECT", "Reply-To", "Bcc", "Content-Type"])
def test_a_header_that_the_provider_writes_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="cannot bring the header"):
        a_letter(headers={name: "x"})


def test_a_header_value_that_mail_servers_would_garble_is_refused() -> None:
    with pytest.raises(ValueError, match="References is not ASCII"):
        a_letter(headers={"References": "<项目-42@luodi.example>"})


def test_changing_the_mapping_afterwards_does_not_change_the_letter() -> None:
    headers = {"Auto-Submitted": "auto-generated"}
    letter = a_letter(headers=headers)

    headers["Bcc"] = "all@example.com"

    assert letter.headers == {"Auto-Submitted": "auto-generated"}


def test_a_printed_letter_shows_whom_and_what_about_but_no_link() -> None:
    printed = repr(a_letter())

    assert "chen.jing@wuyi.example" in printed
    assert "token-in-the" not in printed
