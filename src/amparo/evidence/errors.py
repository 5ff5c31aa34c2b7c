"""Every error a person may see: one message that says what is wrong, one hint that says what to do."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

_NONE: Mapping[str, str | int] = MappingProxyType({})


class AmparoError(Exception):
    """Root of all errors raised on purpose.

    ``exit_code`` is what the command line ends with (DESIGN section 4). The message names what is wrong, the hint
    what to do next; both are shown, each on one line.

    ``values`` fill fields ``%(name)s`` of both, whole numbers with separators; without them a ``%`` is itself.
    ``texts`` are both unfilled, because pages look up their translation and fill that.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str = "", values: Mapping[str, str | int] = _NONE) -> None:
        self.texts = message, hint
        self.values = dict(values)
        shown = {name: f"{value:,}" if isinstance(value, int) else value for name, value in values.items()}
        self.message, self.hint = (message % shown, hint % shown) if values else (message, hint)
        super().__init__(self.message)

    def __reduce__(self) -> tuple[type["AmparoError"], tuple[str, str, dict[str, str | int]]]:
        return type(self), (*self.texts, self.values)

    def stored(self) -> dict[str, Any]:
        """As JSON keeps it: ``message`` and ``hint``, and where they have values ``texts`` and ``values``, too."""
        told: dict[str, Any] = {"message": self.message, "hint": self.hint}
        return told | ({"texts": list(self.texts), "values": self.values} if self.values else {})


class BadInput(AmparoError):
    """What the person gave cannot be used: a file, an argument, a setting (exit 2)."""

    exit_code = 2


class MissingComponent(AmparoError):
    """Something that is not installed or not configured is needed (exit 3)."""

    exit_code = 3


class VerificationFailed(AmparoError):
    """Evidence, a log or a signature did not check out (exit 4)."""

    exit_code = 4


class NotAuthorised(AmparoError):
    """No recorded Authority covers this action (exit 5)."""

    exit_code = 5


class StorageFull(AmparoError):
    """The data side has no room; what was committed is safe (exit 1)."""
