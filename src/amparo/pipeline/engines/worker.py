"""The worker process: receives chunks, visits, marks where it is, and never outlives its driver."""

import contextlib
import ctypes
import dataclasses
import functools
import logging
import mmap
import os
import signal
import struct
import sys
import threading
import time
from multiprocessing.connection import Connection

from amparo.evidence.outcome import Failed
from amparo.pipeline.limits import Limits
from amparo.pipeline.stage import Factory, Plan
from amparo.pipeline.task import Task, Visited
from amparo.pipeline.visit import Visitor

# Positions in the shared mark. The driver reads it to learn what a dead or slow worker was at.
TASK, STAGE, SINCE = 0, 1, 2
IDLE = -1
_CELLS, _CELL = 3, 8  # of eight bytes each
_PR_SET_PDEATHSIG = 1
_MANY = 10_000  # children that a visit may keep when memory ran out while sending it


class Mark:
    """Three shared integers: index of the task in its chunk, stage, and since when (monotonic ns).

    Written by one worker, read by the driver, no lock: a torn read is repaired by the next one.
    """

    def __init__(self, memory: int) -> None:
        self._cells = memoryview(mmap.mmap(memory, _CELLS * _CELL)).cast("q")

    @staticmethod
    def memory() -> int:
        """A new descriptor of memory to share; whoever has it can make the mark of it. The worker is at nothing."""
        memory = os.memfd_create("amparo-mark", os.MFD_CLOEXEC)
        os.write(memory, struct.pack(f"{_CELLS}q", IDLE, IDLE, 0))
        return memory

    def at(self, task: int, stage: int) -> None:
        """The worker begins this stage of this task."""
        self._cells[SINCE] = time.monotonic_ns()
        self._cells[TASK] = task
        self._cells[STAGE] = stage

    def read(self) -> tuple[int, int, int]:
        """Task index, stage index, monotonic ns."""
        task, stage, since = self._cells.tolist()
        return task, stage, since


def main(connection: Connection, life: int, memory: int, driver: int) -> None:
    """Serve chunks until the driver closes the connection or dies.

    First comes what to do: plan, factory of the Reader, limits. ``life`` is a socket that ends with the driver,
    ``memory`` is that of the mark, ``driver`` the number of the driver's process.
    """
    for handle in (connection.fileno(), life, memory):
        os.set_inheritable(handle, False)
    _end_with_driver(life, driver)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the driver's to handle
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="worker: %(message)s")
    try:
        order: tuple[Plan, Factory, Limits] = connection.recv()
    except (EOFError, OSError):  # the driver was stopped meanwhile
        return
    plan, reader, limits = order
    limits.apply()
    _serve(connection, Mark(memory), Visitor(plan, reader))


def _serve(connection: Connection, mark: Mark, visitor: Visitor) -> None:
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            chunk: list[Task] = connection.recv()
            visited = []
            for position, task in enumerate(chunk):
                mark.at(position, task.due[0] if task.due else IDLE)
                visited.append(visitor.visit(task, functools.partial(mark.at, position)))
            mark.at(IDLE, IDLE)
            try:
                connection.send(visited)
            except MemoryError:  # raised while pickling, before anything is sent
                connection.send([_without_children(each) for each in visited])
    visitor.close()


def _without_children(visited: Visited) -> Visited:
    """The visit with what listed very many members turned into a failure that fits into memory."""
    small = [
        (stage, Failed("limit-memory") if len(getattr(outcome, "children", ())) > _MANY else outcome)
        for stage, outcome in visited.outcomes
    ]
    return dataclasses.replace(visited, outcomes=tuple(small))


def _end_with_driver(life: int, driver: int) -> None:
    """Die with the driver even after its SIGKILL.

    The kernel's parent-death signal works while native code holds the interpreter lock; the thread works where
    there is no such signal.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != driver:
        os._exit(1)

    def guard() -> None:
        os.read(life, 1)  # nothing is ever written: it is the end
        os._exit(1)

    threading.Thread(target=guard, name="guard", daemon=True).start()
