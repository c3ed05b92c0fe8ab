"""For whoever watches over the process: does it live, and can it work."""

import logging

from fastapi import APIRouter
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from db.migrations import is_current
from runtime.opening import Runtime

router = APIRouter()
log = logging.getLogger(__name__)


@router.api_route("/healthz", methods=["GET", "HEAD"])
def lives() -> Response:
    """The process answers; whatever it needs is not asked."""
    return PlainTextResponse("ok\n")


@router.api_route("/readyz", methods=["GET", "HEAD"])
def is_ready(request: Request) -> Response:
    """The database is there, with the tables of this version."""
    runtime: Runtime = request.app.state.runtime
    try:
        ready = is_current(runtime.database)
    except SQLAlchemyError as error:
        log.warning("the database does not answer", exc_info=error)
        return PlainTextResponse("the database does not answer\n", 503)
    if not ready:
        return PlainTextResponse("the database is not migrated: luodi db upgrade\n", 503)
    return PlainTextResponse("ok\n")
