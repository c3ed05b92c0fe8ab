"""Ids as they come in from outside: none is larger than the database can hold."""

from typing import Annotated

from pydantic import Field

LARGEST_ID = 2**63 - 1

RowId = Annotated[int, Field(ge=1, le=LARGEST_ID)]
"""The type of every id in an address, a query or a form."""
