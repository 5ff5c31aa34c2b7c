"""Which folders of the server people in the browser may name: the account that runs it can read more than they may see.

The setting ``evidence_roots`` names those below which they may; Amparo's own folder is none of them. Outside, a folder
that exists is refused in the same words as one that does not.
"""

import os
from collections.abc import Iterable

from amparo.config import Settings
from amparo.evidence.authority import Scope, within
from amparo.evidence.errors import BadInput


def within_reach(settings: Settings, resolved: bytes) -> bool:
    """Whether a resolved raw path may be named in the browser, as far as the settings say."""
    home = _resolved(settings.home)
    roots = [_resolved(root) for root in settings.evidence_roots]
    return not within(resolved, home) and (not roots or any(within(resolved, root) for root in roots))


def scope_within_reach(settings: Settings, paths: Iterable[bytes]) -> Scope:
    """A scope of folders that a person named in the browser. Raises BadInput.

    As it is written, too, a path has to lie below ``evidence_roots``: else one through a link elsewhere would tell
    where that link leads.
    """
    written = [os.fsencode(root) for root in settings.evidence_roots]
    written += map(_resolved, settings.evidence_roots)
    named = tuple(paths)
    for path in named:
        plain = os.path.normpath(path)
        below = not written or any(within(plain, root) for root in written)
        if b".." in path.split(b"/") or not below or not within_reach(settings, os.path.realpath(path)):
            raise BadInput(
                "A folder of the scope is not one that scans from the browser reach.",
                "Write it in full: below the setting evidence_roots where that is set, never Amparo's own folder.",
            )
    return Scope.parse({"path": named})


def _resolved(path: str | os.PathLike[str]) -> bytes:
    return os.fsencode(os.path.realpath(path))
