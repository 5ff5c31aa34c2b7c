"""The installation, in the name of the person who works in the browser."""

import functools

from django.conf import settings

from amparo.casework.installation import Installation
from amparo.catalogue.outbox import Sealer


@functools.cache
def _opened() -> Installation:
    return Installation(settings.SETTINGS, Sealer(settings.SETTINGS.home))


def acting(actor: str) -> Installation:
    """Its custody events name this actor. `amparo up` has prepared the installation before anybody can ask."""
    return _opened().acting(actor)
