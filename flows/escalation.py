"""The sweep, every minute: projects that nobody moves are escalated."""

import asyncio
import logging
from contextlib import closing
from datetime import datetime

from prefect import flow, get_run_logger
from pydantic import AwareDatetime

from runs.sweep import SweepReport, sweep
from runtime.opening import open_runtime


@flow(name="escalate-stalled-projects", retries=0)
async def escalate_stalled_projects(as_of: AwareDatetime | None = None) -> SweepReport:
    """Take the next rung for every project due by now, or by `as_of` in a run started by hand.

    Safe to repeat, to kill and to run beside another: what has fired does not fire again, and what
    a dead run left is simply still due in the next. A project that could not be handled is parked
    by the sweep and tried again later; it does not fail the run, which has served all the others,
    but turns its line in the log into a warning.
    """
    # In a thread, so that the loop stays free to send Prefect the heartbeats of this run.
    report = await asyncio.to_thread(_sweep, as_of)
    get_run_logger().log(
        logging.WARNING if report.parked else logging.INFO,
        "as of %s: %d due, %d fired, %d passed over, %d parked",
        report.as_of.isoformat(),
        report.due,
        report.fired,
        report.passed_over,
        report.parked,
    )
    return report


def _sweep(as_of: datetime | None) -> SweepReport:
    with closing(open_runtime()) as runtime:
        return sweep(runtime, as_of=as_of or runtime.now())
