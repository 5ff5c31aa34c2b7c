"""``amparo up``: the workbench in a browser on this machine."""

import os
import sys

import typer

from amparo.cli.start import start


def up() -> None:
    """Start the workbench on this machine; where there is no administrator yet, print a link to become one."""
    installation = start()
    from amparo.accounts.permissions import Role
    from amparo.casework.people import has_administrator, invite

    settings = installation.settings
    origin = settings.origin or f"http://localhost:{settings.port}"
    if not has_administrator():
        secret = invite(installation, "", [Role.ADMINISTRATOR, Role.INVESTIGATOR])
        typer.echo(f"Nobody is an administrator yet. Open this link once to become one:\n  {origin}/welcome/{secret}")
    typer.echo(f"Amparo is at {origin}. Ctrl-C ends it.")
    command = ["granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(settings.port),
               "--workers", "1", "--blocking-threads", "4", "--no-ws", "--log-level", "warning",
               "amparo.web.wsgi:application"]  # fmt: skip
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", *command])  # noqa: S606
