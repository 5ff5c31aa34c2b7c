"""The two parts of an exchange's secret."""

from collections.abc import Callable

from amparo.evidence.errors import BadInput

Secret = Callable[[], str]


def both(secret: Secret, form: str) -> tuple[str, str]:
    """The parts of what ``secret`` gives in ``form``, which is ``user:password`` or two keys with a comma between.

    Raises BadInput, which does not repeat them, where a part is missing or cannot be sent: a password may hold
    whatever is printable, a key goes into a header as it is.
    """
    user = ":" in form
    first, _, second = secret().strip().partition(":" if user else ",")
    whole = first + second
    if not first or not second or not whole.isprintable() or (not user and ("," in second or not whole.isascii())):
        raise BadInput(f"The secret of the exchange is not of the form {form!r}.", "Store it as it was given.")
    return first, second
