"""A worker process as its driver sees it: started with an environment of its own, and waited for.

Not by :mod:`multiprocessing`, whose children inherit the whole environment, the address of the database with its
password in it, and look for modules in the current folder, which may be one of evidence.
"""

import contextlib
import os
import pickle
import signal
import socket
import subprocess
import sys
from multiprocessing.connection import Pipe

from amparo.pipeline.engines.worker import Mark
from amparo.pipeline.limits import Limits
from amparo.pipeline.stage import Factory, Plan

# What interpreter, libraries and locale need; a secret is in none of them.
_KEPT = frozenset({"PATH", "LANG", "LANGUAGE", "TZ", "TMPDIR", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "GLIBC_TUNABLES"})
_KEPT_PREFIXES = ("LC_", "PYTHON", "MALLOC_")
_KEPT_SUFFIX = "_NUM_THREADS"
_BEGIN = """\
import sys
from multiprocessing.connection import Connection
connection = Connection(int(sys.argv[1]))
try:
    sys.path = connection.recv()
except (EOFError, OSError):  # the driver was stopped meanwhile
    sys.exit()
from amparo.pipeline.engines.worker import main
main(connection, *map(int, sys.argv[2:]))
"""


def environment() -> dict[str, str]:
    """What of this process's environment a worker is given."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in _KEPT or name.startswith(_KEPT_PREFIXES) or name.endswith(_KEPT_SUFFIX)
    }
    return kept | {"OMP_NUM_THREADS": "1"}  # workers are the parallelism


class Process:
    """A started worker. ``sentinel`` is ready for reading once it has ended; ``mark`` says what it is at."""

    def __init__(self, plan: Plan, reader: Factory, limits: Limits) -> None:
        order = pickle.dumps((plan, reader, limits))
        memory = Mark.memory()
        self.mark = Mark(memory)
        self.connection, there = Pipe()
        self._life, life = socket.socketpair()  # never written to: each end sees when the other process is gone
        passed = (there.fileno(), life.fileno(), memory)
        # No module comes from the current folder (-P).
        command = [sys.executable, "-P", "-c", _BEGIN, *map(str, passed), str(os.getpid())]
        # Ctrl-C reaches the whole process group, also a worker that is not yet in a state to ignore it.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            self._child = subprocess.Popen(  # noqa: S603  # this interpreter
                command, env=environment(), pass_fds=passed, stdin=subprocess.DEVNULL
            )
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            there.close()
            life.close()
            os.close(memory)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it is dead; who waits for it is told
            self.connection.send([each for each in sys.path if each])
            self.connection.send_bytes(order)

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._child.pid

    @property
    def sentinel(self) -> int:
        """A file descriptor that is ready for reading once the process has ended."""
        return self._life.fileno()

    @property
    def exitcode(self) -> int | None:
        """None while it runs; the negative number of a signal that ended it."""
        return self._child.poll()

    def is_alive(self) -> bool:
        """Whether it runs."""
        return self._child.poll() is None

    def kill(self) -> None:
        """End it at once; it may have ended already."""
        self._child.kill()

    def join(self) -> None:
        """Wait until it has ended."""
        self._child.wait()

    def close(self) -> None:
        """Give the connection and the sentinel back, once it has ended."""
        self.connection.close()
        self._life.close()
