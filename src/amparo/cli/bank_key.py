"""``amparo bank key``: the key under which Bank files lie sealed."""

import typer

from amparo.cli.start import start

key = typer.Typer(help="The key that seals bank files on disk.", no_args_is_help=True)


def _ask(twice: bool = False) -> str:
    passphrase: str = typer.prompt("Passphrase", hide_input=True, confirmation_prompt=twice, err=True)
    return passphrase


@key.command()
def protect() -> None:
    """Wrap the key under a passphrase, asked for once after each start of the machine."""
    installation = start()
    from amparo.casework.bank_key import make_key
    from amparo.casework.bank_key import protect as protect_key

    path = installation.settings.bank_key_path
    if not path.exists():
        make_key(path)
    protect_key(path, _ask(twice=True))
    typer.echo("Protected. Keep the passphrase: without it the banks have to be imported again.")


@key.command()
def unprotect() -> None:
    """Take the passphrase off the key again."""
    installation = start()
    from amparo.casework.bank_key import unprotect as unprotect_key

    unprotect_key(installation.settings.bank_key_path, _ask())
    typer.echo("The key lies unprotected on disk now.")


@key.command()
def unlock() -> None:
    """Enter the passphrase; the key stays in memory until `amparo bank key lock` or the end of this boot."""
    installation = start()
    from amparo.casework.bank_key import load_key
    from amparo.casework.banks.store import memory_of

    load_key(installation.settings.bank_key_path, _ask, memory_of(installation.settings))
    typer.echo("Unlocked.")


@key.command()
def lock() -> None:
    """Forget the key and the plain copies of bank files in memory."""
    installation = start()
    from amparo.casework.bank_key import lock as lock_memory
    from amparo.casework.banks.store import memory_of

    lock_memory(memory_of(installation.settings))
    typer.echo("Locked: nothing of the banks is in memory any more.")
