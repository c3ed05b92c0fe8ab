"""Keeps links out of the access log: who can read the log could answer for an approver."""

import logging
import re

_TOKEN = re.compile(r"(/[ae]/)(?!open/)[^\s/?\"]+")


class WithoutTokens(logging.Filter):
    """Blanks out the token in every path that is logged."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(
                _TOKEN.sub(r"\1…", each) if isinstance(each, str) else each for each in record.args
            )
        return True


def keep_tokens_out() -> None:
    """Filter uvicorn's access log; safe to repeat."""
    logger = logging.getLogger("uvicorn.access")
    if not any(isinstance(each, WithoutTokens) for each in logger.filters):
        logger.addFilter(WithoutTokens())
