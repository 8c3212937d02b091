"""Become another program that dies with its parent: `python leash.py PARENT_PID COMMAND [ARGUMENTS…]`.

Run as a file, not imported, so that nothing of Python happens between fork and exec in a process with threads. On
Linux the kernel sends SIGKILL when the parent ends, however it ends (prctl PR_SET_PDEATHSIG, which exec keeps);
elsewhere the program is started as it is.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Tie this process to its parent and replace it by the command."""
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    # A parent that ended before the kernel was asked sends nothing.
    if os.getppid() != parent:
        sys.exit(1)
    os.execvp(command[0], command)  # noqa: S606 - the command is the supervisor's own


if __name__ == "__main__":
    main()
