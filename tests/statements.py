"""How many statements a block of code sends to its database."""

from types import TracebackType

from sqlalchemy import event

from db.session import Database


class Counted:
    """Counts from `with` to its end; many rows sent as one statement are one."""

    def __init__(self, database: Database) -> None:
        self.database, self.number = database, 0

    def __enter__(self) -> "Counted":
        event.listen(self.database.engine, "before_cursor_execute", self._count)
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        event.remove(self.database.engine, "before_cursor_execute", self._count)

    def _count(self, *_: object) -> None:
        self.number += 1
