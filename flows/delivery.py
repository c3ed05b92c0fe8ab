"""The mail round, every minute: what the outbox owes and nobody has sent yet, leaves."""

import asyncio
import logging
from contextlib import closing

from prefect import flow, get_run_logger

from runs.mail_round import MailReport, deliver_due
from runtime.opening import open_runtime


@flow(name="deliver-mail", retries=0)
async def deliver_mail() -> MailReport:
    """Send every mail that is due.

    The safety net: a mail normally leaves with the click that caused it. Safe to repeat, to kill
    and to run beside another, because the outbox decides what is sent, not this run; hence no
    retries here. A mail given up for good, or a sender that stopped, turns the line in the log
    into a warning.
    """
    # In a thread, so that the loop stays free to send Prefect the heartbeats of this run.
    report = await asyncio.to_thread(_deliver)
    get_run_logger().log(
        logging.WARNING if report.dead or report.stopped else logging.INFO,
        "%d claimed, %d accepted, %d later, %d dead",
        report.claimed,
        report.accepted,
        report.later,
        report.dead,
    )
    return report


def _deliver() -> MailReport:
    with closing(open_runtime()) as runtime:
        return deliver_due(runtime)
