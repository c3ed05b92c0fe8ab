"""Keeps links out of the access log: who can read the log could answer for an approver.

The supervisor's own questions, every few seconds, are kept out too: they would hide the rest.
"""

import logging
import re

_TOKEN = re.compile(r"(/[aer]/)(?!open/)[^\s/?\"]+")


_HEALTH = {"/healthz", "/readyz"}


class WithoutTokens(logging.Filter):
    """Blanks out the token in every path that is logged, and drops answers about our health."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            if _HEALTH & set(record.args):
                return False
            record.args = tuple(
                _TOKEN.sub(r"\1…", each) if isinstance(each, str) else each for each in record.args
            )
        return True


def keep_tokens_out() -> None:
    """Filter uvicorn's access log; safe to repeat."""
    logger = logging.getLogger("uvicorn.access")
    if not any(isinstance(each, WithoutTokens) for each in logger.filters):
        logger.addFilter(WithoutTokens())
