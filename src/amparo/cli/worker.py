"""``amparo worker``: does what was asked for in the browser."""

import contextlib
import signal
import sys

from amparo.cli.start import start


def worker() -> None:
    """Run the jobs that were started in the browser, until Ctrl-C; `amparo up` runs one of these."""
    installation = start()
    from amparo.casework.worker import work

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a service manager stops it as a person does
    if sys.stdin is not None and sys.stdin.isatty():  # else `amparo up` or a service manager runs it
        print("Waiting for jobs. Ctrl-C stops; what is under way goes on with the next worker.", file=sys.stderr)
    with contextlib.suppress(KeyboardInterrupt):
        work(installation)
