"""`python -m cli.tether PARENT COMMAND…`: become a command that is ended when its parent dies.

Even when the parent is killed with -9, which no handler of its own could survive. Linux only;
elsewhere the command simply runs. A program of its own, because between fork and exec of a process
with threads no Python code is safe.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # prctl(2)


def main() -> None:
    parent, *command = sys.argv[1:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != int(parent):  # it died before we were tied to it
            sys.exit(1)
    os.execvp(command[0], command)  # noqa: S606 (no shell is wanted)


if __name__ == "__main__":
    main()
