"""What the API's routes have in common: their root, their problems, and text without NUL."""

from http import HTTPStatus
from typing import Annotated, Any

from pydantic import StringConstraints

from web.api.problems import MEDIA_TYPE

ROOT = "/api/v1"
"""Where the API stands; what is incompatible will stand beside it."""

Text = Annotated[str, StringConstraints(pattern="^[^\\x00]*$", max_length=20_000)]
"""No text that is sent to us holds a NUL: nobody types one, and PostgreSQL stores none."""

Responses = dict[int | str, dict[str, Any]]


def _problems(*statuses: int) -> Responses:
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {each: {"description": HTTPStatus(each).phrase, "content": content} for each in statuses}


READING: Responses = _problems(403, 404, 409, 422, 500)
ACTING: Responses = _problems(400, 403, 404, 409, 413, 415, 422, 500)
