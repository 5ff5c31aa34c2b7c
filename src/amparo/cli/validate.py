"""``amparo validate``: numbered assertions, run here, in a signed report for the laboratory's files."""

from typing import Annotated

import typer

from amparo.cli.start import start


def validate(
    output: Annotated[str, typer.Option("--output", "-o", help="Folder to make; must not be there yet.")],
) -> None:
    """Run the validation assertions on this computer and write a signed report. Touches no case."""
    import contextlib
    import io
    import os
    import tempfile
    from pathlib import Path

    from amparo import config
    from amparo.evidence.custody.keys import SigningKey
    from amparo.evidence.errors import BadInput, VerificationFailed

    settings = config.load()
    if Path(output).exists():
        raise BadInput(f"{output!r} is there already.", "Choose another --output; nothing is overwritten.")
    key = SigningKey.open(settings.home / "secrets" / "custody.key")
    with tempfile.TemporaryDirectory(prefix="amparo-validation-") as name:
        os.environ["AMPARO_HOME"] = str(Path(name) / "home")  # an installation of its own, and default settings
        for variable in ("DATABASE_URL", "AMPARO_DATABASE_URL"):
            os.environ.pop(variable, None)
        with contextlib.redirect_stderr(io.StringIO()):
            installation = start()
        from amparo.casework.bank_key import lock
        from amparo.casework.banks.store import memory_of
        from amparo.casework.validation import run

        try:
            results = run.check(run.prepare(installation, Path(name)))
        finally:
            lock(memory_of(installation.settings))  # nothing stays in memory of a Bank that is gone
        run.write(results, Path(output), key, settings.operator)
    for each, result in results:
        typer.echo(f"{each.number}  {'holds' if result.holds else 'DOES NOT HOLD'}  {each.says}")
    typer.echo(f"Report: {output}  signed with the key {key.fingerprint}")
    failed = [each.number for each, result in results if not result.holds]
    if failed:
        raise VerificationFailed(f"Not held: {', '.join(failed)}.", "Do not use this installation; send us the report.")
