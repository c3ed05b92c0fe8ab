"""The API's description is whole, and its documents name what it describes."""

from pathlib import Path

import pytest

from tests.databases import on_sqlite
from tests.web.api.described import Described

DOCS = Path(__file__).parents[3] / "docs"

OPERATIONS = {
    "GET /approvals",
    "GET /approvals/{request_id}",
    "POST /approvals/{request_id}/answers",
    "POST /approvals/{request_id}/withdraw",
    "POST /approvals/{request_id}/reassign",
    "POST /approvals/{request_id}/nudge",
    "POST /approvals/{request_id}/fresh-link",
    "POST /approvals/{request_id}/disown",
    "POST /projects/{number}/moves",
    "POST /projects/{number}/hold",
    "POST /projects/{number}/extension",
    "POST /projects/{number}/unfreeze",
}


@on_sqlite
def test_it_names_every_operation_and_nothing_of_the_pages(described: Described) -> None:
    assert {
        f"{method.upper()} {path}"
        for path, operations in described.document["paths"].items()
        for method in operations
    } == OPERATIONS


@on_sqlite
def test_every_operation_says_what_it_does_and_how_it_may_fail(described: Described) -> None:
    for name, operation in described.operations.items():
        assert operation["description"], name
        assert {"403", "404", "422", "500"} <= {*operation["responses"]}, name
        for status, answer in operation["responses"].items():
            media_type = "application/json" if status < "300" else "application/problem+json"
            assert [*answer["content"]] == [media_type], (name, status)


@on_sqlite
def test_whatever_it_refers_to_is_there(described: Described) -> None:
    schemas = described.document["components"]["schemas"]
    text = str(described.document)

    referred = {each.split("'")[0] for each in text.split("#/components/schemas/")[1:]}

    assert referred <= {*schemas}


@pytest.mark.parametrize("document", ["api.md", "api.zh-Hans.md"])
def test_both_documents_name_every_operation(document: str) -> None:
    text = (DOCS / document).read_text("utf-8")

    assert [each for each in sorted(OPERATIONS) if f"`{each}`" not in text] == []
