"""What a reader meets when Luodi refuses: one status per refusal, one page, its own sentence."""

from starlette.requests import Request
from starlette.responses import Response

from runtime.settings import SettingsInvalid
from state_machines import errors
from use_cases.importing.problems import FileRefused
from web.link_cookie import LINK_PAGES
from web.pages import page

STATUS: dict[type[errors.Refusal], int] = {
    errors.NotFound: 404,
    errors.LinkUnknown: 404,
    errors.LinkExpired: 410,
    errors.LinkDead: 410,
    errors.NotAllowed: 403,
    errors.NotTheApprover: 403,
    errors.AnsweredOtherwise: 409,
    errors.EditedMeanwhile: 409,
    errors.IllegalMove: 409,
    errors.NobodyToAsk: 409,
    errors.NudgedToday: 409,
    errors.ExtensionsSpent: 409,
    errors.OnHoldAlready: 409,
    errors.ProjectFrozen: 409,
    errors.QuorumOutOfReach: 409,
    errors.RequestClosed: 409,
    errors.RequestPending: 409,
    errors.CodeExpired: 422,
    errors.CodeRequired: 422,
    errors.CodeWrong: 422,
    errors.GateNotMet: 422,
    errors.HoldTooLong: 422,
    errors.NotEligible: 422,
    errors.ReasonRequired: 422,
    errors.ValueRefused: 422,
    # No page asks for what these refuse; if one ever does, its answer is ready.
    errors.FutureAsOf: 422,
    errors.NaiveTime: 422,
    errors.PolicyInvalid: 422,
    FileRefused: 422,
    SettingsInvalid: 500,
}


def status_of(refusal: errors.Refusal) -> int:
    return STATUS[type(refusal)]


def refuse(request: Request, error: Exception) -> Response:
    """Answer with the refusal's page, in the reader's language."""
    assert isinstance(error, errors.Refusal)  # noqa: S101 (registered for it alone)
    on_link_page = request.url.path.startswith(LINK_PAGES)
    return page(
        request,
        "refused.html",
        status=status_of(error),
        refusal=error,
        on_link_page=on_link_page,
        back=None if on_link_page else _back(request),
    )


def _back(request: Request) -> str:
    """The page that the reader came from: the project, or the list of them."""
    parts = request.url.path.split("/")
    is_act_on_project = request.method == "POST" and parts[1] == "projects"
    return "/".join(parts[:3]) if is_act_on_project else "/projects"
