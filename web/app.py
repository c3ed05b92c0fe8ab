"""The web application: routers, one per subject, inside the layers that guard all of them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from runs.postman import Postman
from runtime.opening import Runtime
from state_machines.errors import Refusal
from web import (
    approvals,
    choices,
    editing,
    evidence,
    freezes,
    health,
    link_answers,
    link_pages,
    listing,
    mailbox,
    orders,
    project_acts,
    project_page,
    receipts,
    request_acts,
    request_page,
)
from web.api.app import create_api
from web.api.responses import ROOT
from web.body_limit import BodyLimit
from web.faults import (
    CatchFaults,
    NobodyToActAs,
    cookie_gone,
    form_fault,
    http_fault,
    nobody_to_act_as,
    not_from_here,
)
from web.headers import SafeHeaders
from web.loopback import NotFromHere
from web.nul import refuse_nul
from web.opened_link import CookieGone
from web.refusals import refuse
from web.same_origin import SameOriginOnly

ROUTERS = (
    *(listing, project_page, project_acts, editing, evidence, freezes, orders, mailbox, choices),
    *(approvals, request_page, request_acts),
    *(link_pages, link_answers, receipts, health),
)


def create_app(runtime: Runtime, postman: Postman | None = None) -> FastAPI:
    """Return the application over an open runtime; its postman lives as long as it serves."""

    @asynccontextmanager
    async def serving(app: FastAPI) -> AsyncIterator[None]:
        if postman is not None:
            postman.start()
        yield
        if postman is not None:
            await run_in_threadpool(postman.stop)

    app = FastAPI(
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=serving,
        dependencies=[Depends(refuse_nul)],
    )
    app.state.runtime, app.state.postman = runtime, postman
    for each in ROUTERS:
        app.include_router(each.router)
    app.mount(ROOT, create_api(runtime, postman))
    app.mount("/static", StaticFiles(directory=Path(__file__).with_name("static")))
    for error, handler in (
        (Refusal, refuse),
        (HTTPException, http_fault),
        (RequestValidationError, form_fault),
        (NotFromHere, not_from_here),
        (NobodyToActAs, nobody_to_act_as),
        (CookieGone, cookie_gone),
    ):
        app.add_exception_handler(error, handler)
    # The last one added is the outermost.
    app.add_middleware(BodyLimit)
    app.add_middleware(SameOriginOnly, base_url=runtime.settings.base_url)
    app.add_middleware(CatchFaults)
    app.add_middleware(SafeHeaders)
    return app
