"""The ``amparo`` command. One file per group, no logic; everything heavy is imported inside the commands.

``main`` is the edge: every error ends here as one clear line and an exit code (DESIGN section 4).
"""

import os
import sys

import typer
from typer.exceptions import TyperException

from amparo.cli import bank, case, custody, export, info, judge, look, marks, matches, scan, up, validate, vault, worker
from amparo.evidence.errors import AmparoError

app = typer.Typer(
    name="amparo",
    help="Amparo: find, document, protect. Start with: amparo case create REF --authority TEXT",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(case.case, name="case")
app.add_typer(case.authority, name="authority")
app.command("scan")(scan.scan)
app.command("items")(look.items)
app.command("findings")(look.findings)
app.command("hash")(look.hash_files)
app.command("match")(look.match)
app.command("matches")(matches.matches)
app.command("rematch")(matches.rematch)
app.add_typer(bank.bank, name="bank")
app.add_typer(custody.custody, name="custody")
app.command("groups")(judge.groups)
app.command("decide")(judge.decide)
app.command("decisions")(judge.decisions)
app.command("schemes")(judge.schemes)
app.command("report")(scan.report)
app.command("export")(export.export)
app.command("stamp")(export.stamp)
app.command("verify")(export.verify)
app.command("validate")(validate.validate)
app.command("schema")(info.schema)
app.command("doctor")(info.doctor)
app.command("up")(up.up)
app.command("worker")(worker.worker)
app.add_typer(vault.vault, name="vault")
app.add_typer(marks.marks, name="marks")
app.command("version")(info.version)


_STOPPED = 130  # 128 and the number of SIGINT


def main() -> None:
    """Run the command line and exit."""
    sys.exit(_run())


def _run() -> int:
    try:
        result = app(standalone_mode=False)
        sys.stdout.flush()
        if result == _STOPPED:  # what Typer makes of Ctrl-C
            raise KeyboardInterrupt
        return result if isinstance(result, int) else 0
    except AmparoError as error:
        return _say(error.message, error.hint, error.exit_code)
    except TyperException as error:
        message = error.format_message()  # empty where the help was printed because nothing else was asked for
        return _say(message, "See: amparo --help", 2) if message else 2
    except (KeyboardInterrupt, typer.Abort):
        # CPython remembers an interrupt that left any exec() (dataclasses and imports use it) as unhandled and kills
        # itself at the end, although we handle it here; the next exec() makes it forget (run_eval_code_obj).
        exec("")  # noqa: S102
        return _say("Stopped.", "What was finished is kept; the same command goes on from there.", _STOPPED)
    except BrokenPipeError:
        return _reader_left()
    except SystemExit as error:  # click and rich end so themselves when the reader has left
        if not isinstance(error.__context__, BrokenPipeError):
            raise
        return _reader_left()
    except Exception as error:  # the edge: a person sees one line, never a traceback
        if os.environ.get("AMPARO_DEBUG"):
            raise
        if (told := _of_storage(error)) is not None:
            return _say(told.message, told.hint, told.exit_code)
        return _say(
            f"An error of ours: {type(error).__name__}: {error}",
            "What was finished is safe. AMPARO_DEBUG=1 shows where it happened; please report it.",
            1,
        )


def _of_storage(error: Exception) -> AmparoError | None:
    """What the database or the data disk refused, outside of a use case that says so itself."""
    if "amparo.casework.installation" not in sys.modules:
        return None  # the command has not come to a database
    from amparo.casework.installation import storage_error

    return storage_error(error)


def _reader_left() -> int:
    """Nobody reads on: nothing to report, and nothing more to write."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno())  # type: ignore[union-attr]
    return 0


def _say(message: str, hint: str, code: int) -> int:
    message = " ".join(message.splitlines())  # whatever others put into it: one line
    lines = [f"amparo: {message}", f"  {hint}"] if hint else [f"amparo: {message}"]
    print("\n".join(lines), file=sys.stderr)
    return code
