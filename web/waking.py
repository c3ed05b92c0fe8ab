"""After a commit: let the mail that it owes leave at once, not at the next round."""

from starlette.requests import Request


def wake(request: Request) -> None:
    """Wake the postman of this process, if it has one."""
    postman = request.app.state.postman
    if postman is not None:
        postman.wake()
