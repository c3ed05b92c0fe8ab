"""Serving the pages: `luodi web`."""

import uvicorn
from fastapi import FastAPI

from runs.postman import Postman
from runtime.opening import Runtime, open_runtime
from runtime.settings import Settings
from web.access_log import keep_tokens_out
from web.app import create_app

LOOPBACK = "127.0.0.1"
PORT = 8000


def create() -> FastAPI:
    """Return the application as the settings say: `uvicorn --factory web.main:create`."""
    keep_tokens_out()
    runtime = open_runtime()
    return create_app(runtime, Postman(runtime))


def serve(settings: Settings, *, host: str = LOOPBACK, port: int = PORT) -> None:
    """Serve until stopped. Sets up no database and schedules nothing, but lets mail leave."""
    runtime: Runtime = open_runtime(settings)
    app = create_app(runtime, Postman(runtime))
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        # Who really calls is what the staff pages hang on: no header may say otherwise.
        proxy_headers=False,
        server_header=False,
    )
    keep_tokens_out()
    try:
        uvicorn.Server(config).run()
    finally:
        runtime.close()
