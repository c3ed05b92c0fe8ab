"""The API as an application of its own inside the web's: it speaks JSON, problems included."""

from typing import Any

from fastapi import Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from runs.postman import Postman
from runtime.opening import Runtime
from state_machines.errors import Refusal
from web.api import approvals, projects
from web.api.calls import only_json
from web.api.problems import Problem, input_problem, refusal_problem
from web.api.responses import ROOT
from web.body_limit import BodyLimit
from web.faults import CatchFaults, NobodyToActAs, http_fault, nobody_to_act_as, not_from_here
from web.loopback import NotFromHere
from web.refusals import status_of

LARGEST_JSON = 100_000


def create_api(runtime: Runtime, postman: Postman | None = None) -> FastAPI:
    """Return the API over an open runtime, to be mounted at `ROOT`."""
    api = FastAPI(
        title="Luodi",
        summary="Approvals of a city's investment projects.",
        version="1",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        servers=[{"url": ROOT}],
        root_path_in_servers=False,
        generate_unique_id_function=lambda route: route.name,
        dependencies=[Depends(only_json)],
    )
    api.state.runtime, api.state.postman = runtime, postman
    for each in (approvals, projects):
        api.include_router(each.router)
    for error, handler in (
        (Refusal, _refuse),
        (HTTPException, http_fault),
        (RequestValidationError, input_problem),
        (NotFromHere, not_from_here),
        (NobodyToActAs, nobody_to_act_as),
    ):
        api.add_exception_handler(error, handler)
    api.add_middleware(BodyLimit, largest=LARGEST_JSON)
    api.add_middleware(CatchFaults)
    api.openapi = lambda: _described(api)  # type: ignore[method-assign]
    return api


def _refuse(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)  # noqa: S101 (registered for it alone)
    return refusal_problem(request, error, status_of(error))


def _described(api: FastAPI) -> dict[str, Any]:
    """Describe every route, its problems included; made once."""
    if api.openapi_schema is None:
        described = get_openapi(
            title=api.title,
            version=api.version,
            summary=api.summary,
            routes=api.routes,
            servers=api.servers,
        )
        schemas = described["components"]["schemas"]
        schemas["Problem"] = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= schemas["Problem"].pop("$defs", {})
        api.openapi_schema = described
    return api.openapi_schema
