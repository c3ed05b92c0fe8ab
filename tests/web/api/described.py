"""The API's description as a contract: every answer is one that it names, and has its shape."""

import re
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

HTTP_METHODS = {"get", "post", "put", "patch", "delete"}


class Described:
    """An OpenAPI document that answers can be held against."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        [server] = document["servers"]
        self._routes = {
            re.compile(server["url"] + re.sub(r"\{\w+\}", "[^/]+", path)): operations
            for path, operations in document["paths"].items()
        }
        self.seen: set[tuple[str, int]] = set()
        """Which operations have answered with which status."""

    @property
    def operations(self) -> dict[str, dict[str, Any]]:
        """Every operation by its name."""
        return {
            operation["operationId"]: operation
            for operations in self.document["paths"].values()
            for method, operation in operations.items()
            if method in HTTP_METHODS
        }

    def check(self, answer: Any) -> None:
        """Fail unless this answer is described: its status, its media type and its shape."""
        answer.read()
        status, media_type = answer.status_code, answer.headers["content-type"]
        operation = self._operation(answer.request.method, answer.request.url.path)
        if operation is None:
            assert status in (404, 405), (answer.request.url, status)
            shape: dict[str, Any] = {"$ref": "#/components/schemas/Problem"}
        else:
            self.seen.add((operation["operationId"], status))
            described = operation["responses"]
            assert str(status) in described, (operation["operationId"], status, answer.text)
            content = described[str(status)]["content"]
            assert media_type in content, (operation["operationId"], status, media_type)
            shape = content[media_type]["schema"]
        self.validate(answer.json(), shape)

    def validate(self, value: Any, shape: dict[str, Any]) -> None:
        whole = {**shape, "components": self.document["components"]}
        Draft202012Validator(whole, format_checker=FormatChecker()).validate(value)

    def _operation(self, method: str, path: str) -> dict[str, Any] | None:
        for route, operations in self._routes.items():
            if route.fullmatch(path):
                found: dict[str, Any] | None = operations.get(method.lower())
                return found
        return None
