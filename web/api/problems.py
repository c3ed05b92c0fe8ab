"""What a program is told when it does not get what it asked for (RFC 9457, problem details)."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, JsonValue
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from state_machines.errors import Refusal
from web.languages import accepted_language, language_of
from words.refusals import sentence
from words.translations import N_, gettext, speaking

MEDIA_TYPE = "application/problem+json"
STATUS_SAYS_ALL = "about:blank"

SENTENCES = {
    400: N_("What was sent cannot be read. Send what the API's description asks for."),
    404: N_("There is nothing at this address."),
    405: N_("This address does not take this method."),
    413: N_("That is more than is taken at once."),
    415: N_("Send JSON, and say so: Content-Type: application/json"),
    422: N_("What was sent is not what is asked for. The facts say where."),
    500: N_("Something broke here, and nothing was half done. Tell an administrator the fault_id."),
}
CROSS_SITE = N_("This did not come from one of our own pages, so nothing was done.")
NOT_FROM_HERE = N_(
    "Until people can sign in, the API answers only on the machine that Luodi runs on, and only"
    " directly."
)
NOBODY = N_("There is nobody to act as yet. Load the sample people first: luodi sample load")


class Problem(BaseModel):
    """Why something was not done, for people and for programs."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    type: str
    """Which refusal it is, such as urn:luodi:NotTheApprover; about:blank if the status says all."""
    title: str
    """The name of the status."""
    status: int
    detail: str
    """What is wrong and what to do about it, in the language that the caller accepts."""
    facts: dict[str, JsonValue]
    """What the sentence is about: its keys depend on the type."""


def problem(
    request: Request,
    status: int,
    say: Callable[[], str] | None = None,
    *,
    kind: str = STATUS_SAYS_ALL,
    facts: Mapping[str, Any] | None = None,
) -> JSONResponse:
    """Return a problem; `say` is called while the caller's language is spoken."""
    language = accepted_language(request) or language_of(request)
    with speaking(language):
        detail = say() if say else gettext(SENTENCES.get(status, SENTENCES[400]))
    said = Problem(
        type=kind,
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        facts=jsonable_encoder(facts or {}),
    )
    return JSONResponse(
        said.model_dump(),
        status,
        headers={"Content-Language": language, "Vary": "Accept-Language"},
        media_type=MEDIA_TYPE,
    )


def refusal_problem(request: Request, refusal: Refusal, status: int) -> Response:
    """Tell a refusal: its name, its sentence, and what it keeps of what it is about."""
    return problem(
        request,
        status,
        lambda: sentence(refusal),
        kind=f"urn:luodi:{type(refusal).__name__}",
        facts=vars(refusal),
    )


def http_problem(request: Request, error: Exception) -> Response:
    """Tell what the framework refuses: an address, a method, a body that is too large."""
    assert isinstance(error, HTTPException)  # noqa: S101 (registered for it alone)
    answer = problem(request, error.status_code)
    answer.headers.update(error.headers or {})
    return answer


def input_problem(request: Request, error: Exception) -> Response:
    """Tell where what was sent is not what is asked for; what no id or number is, is nowhere."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 (registered for it alone)
    faults = error.errors()
    if any(each["loc"][0] == "path" for each in faults):
        return problem(request, 404)
    if any(each["type"] == "json_invalid" for each in faults):
        return problem(request, 400)
    where = [{"where": [*each["loc"]], "expected": each["msg"]} for each in faults]
    return problem(request, 422, kind="urn:luodi:InvalidInput", facts={"errors": where})
