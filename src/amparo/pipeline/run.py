"""The driver's loop: due work from the Ledger to the engine, results back, until nothing is due."""

from collections.abc import Callable

from amparo.pipeline.ports import Engine, Ledger

_PATIENCE = 0.5  # seconds between two chances to show progress or to stop


def run(ledger: Ledger, engine: Engine, beat: Callable[[], None] = lambda: None) -> None:
    """Work until the Ledger has nothing due and the engine nothing under way.

    ``beat`` is called after each commit and at least twice a second: progress, sealing, heartbeat. Whatever it
    raises ends the run; what was committed stays.
    """
    while True:
        while engine.room() and (tasks := ledger.next_tasks()):
            engine.submit(tasks)
        if not engine.busy():
            return
        for visited in engine.wait(_PATIENCE):
            ledger.commit(visited)
        beat()
