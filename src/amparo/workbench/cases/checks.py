"""Checks of custody logs that a person made or saw in this session, so that pages can say when."""

import uuid

from django.contrib.sessions.backends.base import SessionBase

from amparo.casework.custody import Checked, restored, stored

_CHECKED = "checked"
_MOST = 20  # chains that a session remembers
_INSTALLATION = "installation"


def remember(session: SessionBase, case: uuid.UUID | None, found: Checked) -> None:
    """Keep the newest check of a chain until the person logs out."""
    kept = dict(session.get(_CHECKED, {}))
    kept.pop(_key(case), None)
    kept[_key(case)] = stored(found)
    session[_CHECKED] = dict(list(kept.items())[-_MOST:])


def checked(session: SessionBase, case: uuid.UUID | None) -> Checked | None:
    """The newest check of a chain in this session, None if there was none."""
    row = session.get(_CHECKED, {}).get(_key(case))
    return None if row is None else restored(row)


def _key(case: uuid.UUID | None) -> str:
    return _INSTALLATION if case is None else str(case)
