"""Authority: the recorded legal basis of an action, with a scope that is enforced and not prose."""

import dataclasses
import datetime
import os
import uuid
from collections.abc import Mapping

from amparo.evidence.errors import BadInput, NotAuthorised

SCOPE_KEYS = ("path",)


@dataclasses.dataclass(frozen=True, slots=True)
class Scope:
    """What an Authority covers. ``paths`` are resolved raw paths; empty means any path.

    ``addresses`` are names of hosts that may be connected to; empty means none.
    """

    paths: tuple[bytes, ...] = ()
    addresses: tuple[str, ...] = ()

    @classmethod
    def parse(cls, pairs: Mapping[str, tuple[bytes, ...]]) -> "Scope":
        """Scope from ``key=value`` pairs; an unknown key is refused, because it would silently not be enforced."""
        for key in pairs:
            if key not in SCOPE_KEYS:
                raise BadInput(
                    "Unknown scope key %(key)s.",
                    "Known keys: %(keys)s",
                    {"key": repr(key), "keys": ", ".join(SCOPE_KEYS)},
                )
        paths = tuple(os.path.realpath(path) for path in pairs.get("path", ()))
        for path in paths:
            if not os.path.isdir(path):
                raise BadInput(
                    "Scope path is not a folder: %(path)s",
                    "Name an existing folder.",
                    {"path": repr(os.fsdecode(path))},
                )
        return cls(paths)

    def covers_path(self, path: bytes) -> bool:
        """Whether a resolved raw path is one of the folders of this scope, or lies below one."""
        return not self.paths or any(within(path, root) for root in self.paths)


def within(path: bytes, folder: bytes) -> bool:
    """Whether a raw path is this folder or lies below it. Both are resolved."""
    return path == folder or path.startswith(folder.rstrip(b"/") + b"/")


@dataclasses.dataclass(frozen=True, slots=True)
class Authority:
    """The legal basis: its text, when it holds, and what it covers.

    The optional fields are recorded as given; rules per country come later. ``until`` is exclusive.
    """

    id: uuid.UUID
    text: str
    valid_from: datetime.datetime
    until: datetime.datetime | None = None
    scope: Scope = Scope()
    kind: str = ""
    offence: str = ""
    instrument: str = ""
    issuer: str = ""
    reviewer: str = ""

    def __post_init__(self) -> None:
        if not self.text.strip():
            raise BadInput("An Authority needs a text.", "State the legal basis: kind, number, who issued it.")
        if self.valid_from.tzinfo is None or (self.until is not None and self.until.tzinfo is None):
            raise ValueError("an Authority's dates carry a zone")
        if self.until is not None and self.until <= self.valid_from:
            raise BadInput("The Authority would end before it begins.", "Give --until a later date.")

    def check_address(self, action: str, host: str, at: datetime.datetime) -> None:
        """Raise NotAuthorised unless ``action`` on this host is covered at that time. Pure. "": no host at all."""
        self._check_time(action, at)
        if host and host not in self.scope.addresses:
            raise NotAuthorised(
                "The Authority does not name %(host)s (action: %(action)s).",
                "Record an Authority whose scope names this address.",
                {"host": host, "action": action},
            )

    def check(self, action: str, target: bytes, at: datetime.datetime) -> None:
        """Raise NotAuthorised unless ``action`` on ``target`` (a resolved raw path) is covered at that time. Pure."""
        self._check_time(action, at)
        if not self.scope.covers_path(target):
            raise NotAuthorised(
                "The path is outside the Authority's scope (action: %(action)s): %(path)s",
                "Scan a folder inside the scope, or record a wider Authority: amparo authority add",
                {"action": action, "path": repr(os.fsdecode(target))},
            )

    def _check_time(self, action: str, at: datetime.datetime) -> None:
        if at < self.valid_from:
            raise NotAuthorised(
                "The Authority holds only from %(begin)s (action: %(action)s).",
                "Check the clock of this computer, or record an Authority that holds now: amparo authority add",
                {"begin": _utc(self.valid_from), "action": action},
            )
        if self.until is not None and at >= self.until:
            raise NotAuthorised(
                "The Authority ended on %(end)s (action: %(action)s).",
                "Record a renewed Authority: amparo authority add",
                {"end": _utc(self.until), "action": action},
            )


def _utc(when: datetime.datetime) -> str:
    return f"{when.astimezone(datetime.UTC):%Y-%m-%d %H:%M} UTC"


def check_any(authorities: tuple[Authority, ...], action: str, target: bytes, at: datetime.datetime) -> Authority:
    """The first Authority that covers the action; raises the last one's refusal, or NotAuthorised if there is none."""
    refusal = NotAuthorised("The Case has no Authority.", "Record one: amparo authority add")
    for authority in authorities:
        try:
            authority.check(action, target, at)
        except NotAuthorised as error:
            refusal = error
        else:
            return authority
    raise refusal
