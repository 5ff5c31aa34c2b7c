"""``amparo up``: the workbench in a browser on this machine."""

import errno
import signal
import socket
import sys

import typer

from amparo.cli.start import start
from amparo.cli.supervisor import Program, supervise

_HOST = "127.0.0.1"


def up() -> None:
    """Start the workbench on this machine; where there is no administrator yet, print a link to become one."""
    installation = start()
    from amparo.accounts.permissions import Role
    from amparo.casework.people import has_administrator, invite

    settings = installation.settings
    _check_port(settings.port)
    origin = settings.origin or f"http://localhost:{settings.port}"
    if not has_administrator():
        secret = invite(installation, "", [Role.ADMINISTRATOR, Role.INVESTIGATOR])
        typer.echo(f"Nobody is an administrator yet. Open this link once to become one:\n  {origin}/welcome/{secret}")
    typer.echo(f"Amparo is at {origin}. Ctrl-C ends it.")
    sys.stdout.flush()
    web = [sys.executable, "-P", "-m", "granian", "--interface", "wsgi", "--host", _HOST, "--port", str(settings.port),
           "--workers", "1", "--blocking-threads", "16", "--no-ws", "--log-level", "error",
           "amparo.web.wsgi:application"]  # fmt: skip
    worker = [sys.executable, "-P", "-m", "amparo", "worker"]  # -P: no module comes from the current folder
    programs = (
        Program("web server", web, signal.SIGTERM),  # granian ends its own processes then, and not when it is killed
        Program("worker", worker, signal.SIGKILL),  # may be busy; loses nothing
    )
    supervise(programs, lambda line: print(f"amparo: {line}", file=sys.stderr, flush=True))


def _check_port(port: int) -> None:
    """Raises BadInput where somebody else listens there: granian would share the port, and say nothing."""
    from amparo.evidence.errors import BadInput

    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError as error:
            hint = "Is Amparo running already? Else end what uses the port, or set another: AMPARO_PORT=8472"
            if error.errno != errno.EADDRINUSE:
                hint = "Set another: AMPARO_PORT=8472"
            raise BadInput(f"Port {port} cannot be used: {error.strerror}.", hint) from error
