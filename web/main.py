"""The application as a server is told of it: `uvicorn --factory web.main:create`."""

from fastapi import FastAPI

from runs.postman import Postman
from runtime.opening import open_runtime
from web.access_log import keep_tokens_out
from web.app import create_app


def create() -> FastAPI:
    """Open what the settings say, and return the application with a postman of its own.

    Sets up no database and schedules nothing. Raises `SettingsInvalid`.
    """
    keep_tokens_out()
    runtime = open_runtime()
    return create_app(runtime, Postman(runtime))
