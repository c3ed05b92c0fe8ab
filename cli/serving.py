"""`luodi up` and `luodi web`: Luodi as something that keeps running."""

from typing import Annotated

import typer

from words.translations import N_

LOOPBACK = "127.0.0.1"


def up() -> None:
    """Make the database ready, then run everything until it is stopped."""
    from cli.database import made_ready  # noqa: PLC0415 (help must not wait for it)
    from cli.opening import opened  # noqa: PLC0415
    from cli.up import up as run  # noqa: PLC0415

    with opened() as runtime:
        made_ready(runtime)
        settings = runtime.settings
    raise typer.Exit(run(settings))


def web(
    port: Annotated[int, typer.Option(metavar="PORT", help=N_("The port to listen on."))] = 8000,
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help=N_("The address to listen on."))
    ] = LOOPBACK,
) -> None:
    """Serve the pages until stopped. Does not set up the database, and schedules nothing."""
    import uvicorn  # noqa: PLC0415 (help must not wait for it)

    from runtime.settings import read_settings  # noqa: PLC0415

    read_settings()  # what is wrong is said here, and not out of the middle of the server's start
    # By its name, as any server would be told it: commands and pages know nothing of each other.
    uvicorn.run(
        "web.main:create",
        factory=True,
        host=host,
        port=port,
        # Who really calls is what the staff pages hang on: no header may say otherwise.
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=5,  # seconds: an open request must not hold up the end
    )
