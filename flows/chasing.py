"""The chase, every minute: approvals that wait are reminded of, passed up, at last let go."""

import asyncio
import logging
from contextlib import closing
from datetime import datetime

from prefect import flow, get_run_logger
from pydantic import AwareDatetime

from runs.chase import ChaseReport, chase
from runtime.opening import open_runtime


@flow(name="chase-approvals", retries=0)
async def chase_approvals(as_of: AwareDatetime | None = None) -> ChaseReport:
    """Look after every request that is due by now, or by `as_of` in a run started by hand.

    Safe to repeat, to kill and to run beside another. A request that could not be looked after is
    parked and tried again in an hour; it does not fail the run, which has served all the others,
    but turns its line in the log into a warning.
    """
    # In a thread, so that the loop stays free to send Prefect the heartbeats of this run.
    report = await asyncio.to_thread(_chase, as_of)
    get_run_logger().log(
        logging.WARNING if report.parked else logging.INFO,
        "as of %(as_of)s: %(due)d due, %(reminded)d reminded, %(superiors_asked)d passed up,"
        " %(expired)d expired, %(parked)d parked",
        report.as_dict(),
    )
    return report


def _chase(as_of: datetime | None) -> ChaseReport:
    with closing(open_runtime()) as runtime:
        return chase(runtime, as_of=as_of or runtime.now())
