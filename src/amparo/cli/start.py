"""What every command that touches the installation does first. Imports are inside: ``--help`` must stay fast."""

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from amparo.casework.installation import Installation


def start() -> "Installation":
    """Settings, Django, schema; says on stderr what it had to make."""
    from amparo import config
    from amparo.evidence.errors import BadInput

    os.umask(0o077)  # whatever is made from here on is for this account alone
    settings = config.load()
    os.environ["DJANGO_SETTINGS_MODULE"] = "amparo.web.settings"
    import django

    try:
        settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        django.setup()
    except OSError as error:
        hint = "Set AMPARO_HOME to a folder that you may write to and that has room."
        raise BadInput(f"Cannot use {str(settings.home)!r}: {error.strerror}.", hint) from error
    from amparo.casework.installation import prepare

    installation, made = prepare(settings)
    for line in made:
        print(line, file=sys.stderr)
    return installation
