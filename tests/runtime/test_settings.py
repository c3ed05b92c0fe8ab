"""Settings come from the environment and from .env, and a wrong one stops the start, by name."""

import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from runtime.settings import EXPECTED, Settings, SettingsInvalid, kept_secret, read_settings
from words.refusals import sentence
from words.translations import Language, speaking


@pytest.fixture(autouse=True)
def somewhere_else(tmp_path, monkeypatch):
    """No .env of a developer's, and nothing written into the project."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_nothing_told_means_one_machine_a_file_and_the_local_mailbox(somewhere_else):
    settings = read_settings()

    folder = somewhere_else / "var"
    assert settings.data_folder == folder
    assert settings.database_url == f"sqlite:///{folder}/luodi.db"
    assert settings.base_url == "http://127.0.0.1:8000"
    assert settings.sendgrid_api_key is None


def test_the_environment_goes_before_dotenv_and_dotenv_before_defaults(somewhere_else, monkeypatch):
    (somewhere_else / ".env").write_text(
        "LUODI_BASE_URL=https://from-dotenv.example\nLUODI_PREFECT_PORT=4300\nOTHER=1\n"
    )
    monkeypatch.setenv("LUODI_BASE_URL", "https://from-environment.example/")

    settings = read_settings()

    assert settings.base_url == "https://from-environment.example"
    assert settings.prefect_port == 4300


def test_an_empty_value_counts_as_none(monkeypatch):
    monkeypatch.setenv("LUODI_SENDGRID_API_KEY", "")

    assert read_settings().sendgrid_api_key is None


WRONG = [
    ("database_url", "mysql://localhost/luodi"),
    ("database_url", "sqlite://"),
    ("database_url", "not an address"),
    ("base_url", "luodi.example"),
    ("base_url", "ftp://luodi.example"),
    ("base_url", "https://user:password@luodi.example"),
    ("base_url", "https://luodi.example/behind/a/path"),
    ("secret_key", "short"),
    ("sendgrid_api_key", "SG.with a space"),
    ("sendgrid_api_key", "SG.密"),
    ("sendgrid_host", "http://api.sendgrid.com"),
    ("sendgrid_connections", "0"),
    ("sendgrid_connections", "many"),
    ("mail_from", "nobody"),
    ("prefect_port", "70000"),
    ("data_folder", "/proc/nowhere"),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_value_is_named_and_never_repeated(name, value, monkeypatch):
    monkeypatch.setenv(f"LUODI_{name.upper()}", value)

    with pytest.raises(SettingsInvalid) as refusal:
        read_settings()

    assert (refusal.value.wrong, refusal.value.unknown) == ((name,), ())
    assert value not in str(refusal.value)
    assert refusal.value.__cause__ is None


def test_every_setting_can_be_wrong_and_says_what_it_wants():
    assert set(EXPECTED) == set(Settings.model_fields)
    assert {name for name, _ in WRONG} == set(EXPECTED)


def test_all_that_is_wrong_is_said_at_once(monkeypatch):
    monkeypatch.setenv("LUODI_BASE_URL", "nowhere")
    monkeypatch.setenv("LUODI_PREFECT_PORT", "none")
    monkeypatch.setenv("LUODI_SENGRID_API_KEY", "SG.slip-in-the-name")

    with pytest.raises(SettingsInvalid) as refusal, speaking(Language.EN):
        read_settings()

    with speaking(Language.EN):
        assert sentence(refusal.value).splitlines() == [
            "Luodi cannot start with these settings. Correct each of them, then start it again:",
            "LUODI_BASE_URL: the address at which people reach Luodi, such as https://luodi.example",
            "LUODI_PREFECT_PORT: a port from 1 to 65535",
            "LUODI_SENGRID_API_KEY: there is no such setting.",
        ]


def test_a_slip_in_a_name_is_found_in_dotenv_too(somewhere_else):
    (somewhere_else / ".env").write_text("LUODI_BASEURL=https://luodi.example\n")

    with pytest.raises(SettingsInvalid) as refusal:
        read_settings()

    assert refusal.value.unknown == ("LUODI_BASEURL",)


def test_sendgrid_needs_a_sender_s_address_that_is_somebody_s(monkeypatch):
    monkeypatch.setenv("LUODI_SENDGRID_API_KEY", "SG.key")
    with pytest.raises(SettingsInvalid) as refusal:
        read_settings()
    monkeypatch.setenv("LUODI_MAIL_FROM", "luodi@jinhua.gov.cn")

    assert refusal.value.wrong == ("mail_from",)
    assert read_settings().mail_from == "luodi@jinhua.gov.cn"


def test_the_key_may_travel_in_clear_within_this_machine_only(monkeypatch):
    monkeypatch.setenv("LUODI_SENDGRID_HOST", "http://127.0.0.1:4010")

    assert read_settings().sendgrid_host == "http://127.0.0.1:4010"


def test_no_secret_shows_when_settings_are_printed(monkeypatch):
    monkeypatch.setenv("LUODI_SENDGRID_API_KEY", "SG.s3cret")
    monkeypatch.setenv("LUODI_MAIL_FROM", "luodi@jinhua.gov.cn")
    monkeypatch.setenv("LUODI_DATABASE_URL", "postgresql://luodi:s3cret@localhost/luodi")
    monkeypatch.setenv("LUODI_SECRET_KEY", "s3cret" * 10)

    assert "s3cret" not in repr(read_settings())


def test_the_key_for_cookies_is_made_once_and_readable_by_its_owner_alone(somewhere_else):
    first, second = read_settings(), read_settings()

    assert first.secret_key == second.secret_key
    assert len(first.secret_key.get_secret_value()) == 64
    file = somewhere_else / "var" / "secret_key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [each.name for each in file.parent.iterdir()] == ["secret_key"]


def test_a_key_that_is_told_is_not_kept(somewhere_else, monkeypatch):
    monkeypatch.setenv("LUODI_SECRET_KEY", "told-by-the-environment-and-long-enough")

    assert read_settings().secret_key.get_secret_value().startswith("told")
    assert not (somewhere_else / "var" / "secret_key").exists()


def test_processes_that_start_at_once_share_one_key(somewhere_else):
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: kept_secret(somewhere_else / "secret_key"), range(8)))

    assert len({key.get_secret_value() for key in keys}) == 1
