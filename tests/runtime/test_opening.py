"""Opening puts the pieces together, and touches no table."""

from sqlalchemy import inspect

from notifications.senders.mailbox import LocalMailbox
from notifications.senders.sendgrid import SendGridSender
from runtime.opening import open_runtime
from runtime.settings import Settings


def test_without_a_key_mail_stays_on_this_machine(tmp_path):
    runtime = open_runtime(Settings(data_folder=tmp_path))

    assert isinstance(runtime.sender, LocalMailbox)
    assert runtime.mail_stays_here
    runtime.close()


def test_with_a_key_it_leaves_through_sendgrid(tmp_path):
    settings = Settings(
        data_folder=tmp_path, sendgrid_api_key="SG.key", mail_from="luodi@jinhua.gov.cn"
    )

    runtime = open_runtime(settings)

    assert isinstance(runtime.sender, SendGridSender)
    assert not runtime.mail_stays_here
    runtime.close()


def test_the_database_is_opened_as_it_is(tmp_path):
    runtime = open_runtime(Settings(data_folder=tmp_path))

    assert inspect(runtime.database.engine).get_table_names() == []
    runtime.close()


def test_the_wall_clock_knows_its_zone(tmp_path):
    runtime = open_runtime(Settings(data_folder=tmp_path))

    assert runtime.now().tzinfo is not None
    runtime.close()
