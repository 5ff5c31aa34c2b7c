"""Child processes that belong together: restarted when they die, ended with their parent, however it ends."""

import contextlib
import ctypes
import dataclasses
import functools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

_PR_SET_PDEATHSIG = 1  # prctl(2)
_FIRST, _MOST = 1.0, 60.0  # seconds before a restart, doubled each time
_STEADY = 60.0  # seconds after which a process counts as well again
_GRACE = 20.0  # seconds to end in order
_LOOK = 0.2


@dataclasses.dataclass(frozen=True, slots=True)
class Program:
    """What to run. ``orphaned`` is the signal it gets when this process is killed."""

    name: str
    command: Sequence[str]
    orphaned: signal.Signals


@dataclasses.dataclass(slots=True)
class _Child:
    program: Program
    process: subprocess.Popen[bytes]
    begun: float
    pause: float = _FIRST
    due: float | None = None  # when to start it again


def supervise(programs: Sequence[Program], say: Callable[[str], None]) -> None:
    """Run programs until KeyboardInterrupt or SIGTERM, then end them all. ``say`` is told of each that died."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    children: list[_Child] = []
    try:
        with contextlib.suppress(KeyboardInterrupt):
            for program in programs:
                children.append(_Child(program, _start(program), time.monotonic()))
            while True:
                for child in children:
                    _look_after(child, say)
                time.sleep(_LOOK)
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C changes nothing
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        _end([child.process for child in children])


def _look_after(child: _Child, say: Callable[[str], None]) -> None:
    now = time.monotonic()
    if child.due is not None:
        if now >= child.due:
            child.process, child.begun, child.due = _start(child.program), now, None
        return
    code = child.process.poll()
    if code is None:
        return
    _kill_group(child.process)  # its own children, which would hold the port or the work
    if now - child.begun >= _STEADY:
        child.pause = _FIRST
    say(f"The {child.program.name} ended ({_how(code)}). It is started again in {child.pause:.0f} s.")
    child.due, child.pause = now + child.pause, min(_MOST, child.pause * 2)


def _start(program: Program) -> subprocess.Popen[bytes]:
    # A session of its own: Ctrl-C in the terminal reaches this process alone, which ends each child once.
    return subprocess.Popen(  # noqa: S603
        list(program.command),
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=functools.partial(_bind, os.getpid(), program.orphaned),
    )


def _bind(parent: int, orphaned: signal.Signals) -> None:
    """In the child: the kernel signals it when its parent dies, SIGKILL included."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, orphaned)
    if os.getppid() != parent:
        os._exit(1)


def _end(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.terminate()
    until = time.monotonic() + _GRACE
    for process in processes:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(max(0.0, until - time.monotonic()))
        _kill_group(process)
        process.wait()


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _how(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
