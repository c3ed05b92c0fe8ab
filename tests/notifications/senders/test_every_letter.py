"""Every mail that we can write is a request that SendGrid takes."""

import pytest

from tests.notifications.test_letters import letter
from tests.notifications.world import EXAMPLES
from words.translations import Language


@pytest.mark.needs("shared")
@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("mail", EXAMPLES, ids=lambda mail: mail.kind)
def test_every_letter_is_valid_under_twilio_s_own_document(
    mail, language, sender, provider, mail_send
):
    sender.send(letter(mail, language))

    [received] = provider.received
    assert [error.message for error in mail_send.iter_errors(received.body)] == []
