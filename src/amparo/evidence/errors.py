"""Every error a person may see: one message that says what is wrong, one hint that says what to do."""


class AmparoError(Exception):
    """Root of all errors raised on purpose.

    ``exit_code`` is what the command line ends with (DESIGN section 4). The message names what is wrong, the hint
    what to do next; both are shown, each on one line.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __reduce__(self) -> tuple[type["AmparoError"], tuple[str, str]]:
        return type(self), (self.message, self.hint)


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
