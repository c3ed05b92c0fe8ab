"""The postman: a thread that sends a mail within seconds of the click that caused it."""

import logging
from threading import Event, Thread

from runs.mail_round import deliver_due
from runtime.opening import Runtime

EVERY = 60.0
"""Seconds after which it looks by itself: for what is tried again, or was owed elsewhere."""

log = logging.getLogger(__name__)


class Postman:
    """Runs mail rounds in the background, whenever it is woken and at least once a minute.

    Safe beside others and beside the scheduled round: mails are claimed. A round that fails is
    logged, and the next one comes all the same.
    """

    def __init__(self, runtime: Runtime, *, every: float = EVERY) -> None:
        self._runtime, self._every = runtime, every
        self._woken, self._stopped = Event(), Event()
        self._thread = Thread(target=self._run, name="postman", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """Let a round begin now. Call it after the commit: before it there is nothing to see."""
        self._woken.set()

    def stop(self) -> None:
        """Finish the letters that are leaving, give the others back, and end."""
        self._stopped.set()
        self._woken.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._woken.clear()
            try:
                deliver_due(self._runtime, stop=self._stopped)
            except Exception:
                log.exception("a mail round failed")
            self._woken.wait(self._every)
