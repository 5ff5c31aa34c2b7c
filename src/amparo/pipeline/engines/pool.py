"""Pool engine: spawned worker processes under a supervisor that survives any of them.

Each worker has at most one chunk running and one waiting. A shared mark says which stage of which task a worker is
at, so that when one dies the culprit is known without bisecting: it is tried once more alone, and if the worker
dies again at the same stage, that stage is settled as Failed and the rest of the visit goes on (ADR 0006).
"""

import collections
import dataclasses
import os
import signal
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.reduction import ForkingPickler
from typing import Any

from amparo.evidence.errors import AmparoError
from amparo.evidence.outcome import Failed
from amparo.pipeline.engines.process import Process
from amparo.pipeline.engines.worker import IDLE, Mark
from amparo.pipeline.limits import Limits
from amparo.pipeline.stage import Factory, Plan
from amparo.pipeline.task import Task, Visited

_DEPTH = 2  # chunks per worker: one running, one waiting
_START_FAILURES = 3
_TICK = 0.1  # seconds between looks at the time limits
_FITS = 32 * 1024  # bytes that the pipe to a worker surely takes while nobody reads there


@dataclasses.dataclass(slots=True)
class _Chunk:
    tasks: list[Task]
    alone: bool = False  # a suspect on trial
    sent: bool = False


@dataclasses.dataclass(slots=True)
class _Worker:
    process: Process
    connection: Connection
    mark: Mark
    chunks: collections.deque[_Chunk] = dataclasses.field(default_factory=collections.deque)
    overtime: bool = False


class PoolEngine:
    """``workers`` processes (by default one per core this process may use)."""

    def __init__(self, plan: Plan, reader: Factory, limits: Limits | None = None, workers: int | None = None) -> None:
        self._plan = plan
        self._reader = reader
        self._limits = limits or Limits()
        self._size = workers or len(os.sched_getaffinity(0))
        self._workers: list[_Worker] = []
        self._queue: collections.deque[_Chunk] = collections.deque()
        self._start_failures = 0

    def room(self) -> bool:
        """Whether a worker has no chunk waiting. Nothing is accepted while suspects or leftovers queue."""
        return not self._queue and sum(len(w.chunks) for w in self._workers) < self._size * _DEPTH

    def busy(self) -> bool:
        """Whether any chunk is running, waiting or queued again."""
        return bool(self._queue) or any(worker.chunks for worker in self._workers)

    def submit(self, tasks: Sequence[Task]) -> None:
        """Give a chunk to the least busy worker, starting workers up to the size."""
        self._queue.append(_Chunk(list(tasks)))
        self._feed()

    def wait(self, seconds: float) -> Sequence[Sequence[Visited]]:
        """Batches that ended. Watches time limits and deaths meanwhile."""
        deadline = time.monotonic() + seconds
        while True:
            self._feed()
            ends: dict[Any, _Worker] = {}
            for worker in self._workers:
                ends[worker.connection] = worker
                ends[worker.process.sentinel] = worker
            if not ends:
                return []
            ready = wait(list(ends), timeout=min(_TICK, max(0.0, deadline - time.monotonic())))
            batches = self._receive({id(ends[end]): ends[end] for end in ready})
            self._stop_overtime()
            if batches or time.monotonic() >= deadline:
                return batches

    def close(self) -> None:
        """Kill the workers; what was under way is lost on purpose, the Ledger hands it out again."""
        for worker in self._workers:
            worker.process.kill()
        for worker in self._workers:
            worker.process.join()
            worker.process.close()
        self._workers.clear()
        self._queue.clear()

    def _receive(self, ready: dict[int, _Worker]) -> list[list[Visited]]:
        batches = []
        for worker in ready.values():
            visited = self._result(worker)
            if visited is not None:
                self._start_failures = 0
                worker.chunks.popleft()
                batches.append(visited)
                self._send(worker)
            elif not worker.process.is_alive():
                self._bury(worker)
        return batches

    @staticmethod
    def _result(worker: _Worker) -> list[Visited] | None:
        try:
            # A worker that died half-way through sending leaves a short message: recv then ends with EOFError.
            return worker.connection.recv() if worker.connection.poll() else None
        except (EOFError, OSError):
            worker.process.join()
            return None

    def _feed(self) -> None:
        while self._queue:
            worker = self._free_worker(self._queue[0])
            if worker is None:
                return
            worker.chunks.append(self._queue.popleft())
            self._send(worker)

    def _send(self, worker: _Worker) -> None:
        """Send its chunks, but to a worker at work only what fits into the pipe.

        Nobody reads there meanwhile: this process would wait for it, watch no time limit, and perhaps be waited for.
        """
        for place, chunk in enumerate(worker.chunks):
            if chunk.sent:
                continue
            data = ForkingPickler.dumps(chunk.tasks)
            if place and len(data) > _FITS:
                return
            chunk.sent = True
            try:
                worker.connection.send_bytes(data)
            except (BrokenPipeError, ConnectionResetError):
                worker.process.join()
                self._bury(worker)
                return

    def _free_worker(self, chunk: _Chunk) -> _Worker | None:
        """The least busy worker; a suspect gets an idle one, and nothing queues behind it."""
        open_to = [w for w in self._workers if len(w.chunks) < _DEPTH and not any(c.alone for c in w.chunks)]
        best = min(open_to, key=lambda w: len(w.chunks), default=None)
        if best is not None and not best.chunks:
            return best
        if len(self._workers) < self._size:
            return self._start()
        return None if chunk.alone else best

    def _start(self) -> _Worker:
        process = Process(self._plan, self._reader, self._limits)
        worker = _Worker(process, process.connection, process.mark)
        self._workers.append(worker)
        return worker

    def _stop_overtime(self) -> None:
        now = time.monotonic_ns()
        for worker in self._workers:
            position, stage, since = worker.mark.read()
            if not worker.chunks or position == IDLE or stage == IDLE or worker.overtime:
                continue
            tasks = worker.chunks[0].tasks
            if position < len(tasks) and (now - since) / 1e9 > self._limits.time_for(tasks[position]):
                worker.overtime = True
                worker.process.kill()

    def _bury(self, worker: _Worker) -> None:
        """A worker is dead: settle or try again what it was at, queue the rest again, first."""
        self._workers.remove(worker)
        worker.process.close()
        if not worker.chunks:
            return
        position, stage, _ = worker.mark.read()
        running, *waiting = worker.chunks
        again = [_Chunk(chunk.tasks, chunk.alone) for chunk in waiting]
        if position == IDLE or position >= len(running.tasks):
            self._start_failures += 1
            if self._start_failures >= _START_FAILURES:
                raise AmparoError(
                    "Worker processes die before they begin (exit code %(code)s).",
                    "Look for memory pressure, or try: amparo doctor",
                    {"code": str(worker.process.exitcode)},
                )
            again.insert(0, _Chunk(running.tasks, running.alone))
        else:
            suspect = running.tasks[position]
            rest = running.tasks[:position] + running.tasks[position + 1 :]
            if worker.overtime:
                suspect = _settle(suspect, stage, "limit-time")
            elif running.alone:
                suspect = _settle(suspect, stage, _death(worker.process.exitcode))
            if rest:
                again.insert(0, _Chunk(rest))
            again.append(_Chunk([suspect], alone=True))
        self._queue.extendleft(reversed(again))


def _settle(task: Task, stage: int, reason: str) -> Task:
    """The task with this stage settled as Failed; a death outside any stage settles the first one due."""
    index = stage if stage != IDLE else task.due[0]
    return dataclasses.replace(task, ended=(*task.ended, (index, Failed(reason))))


def _death(exitcode: int | None) -> str:
    if exitcode is not None and exitcode < 0:
        names = {each.value: each.name.lower() for each in signal.Signals}  # real-time signals have none
        return f"crash-{names.get(-exitcode, f'signal{-exitcode}')}"
    return "crash"
