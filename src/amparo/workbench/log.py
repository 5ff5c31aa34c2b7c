"""Logs of the web process carry no path of a request and no text of an exception: both may hold words from a case."""

import logging
import traceback
from types import TracebackType

_Fault = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
_CAUSES = 10
_FRAMES = 100  # the innermost; recursion has thousands


class NoAddresses(logging.Filter):
    """Takes the address out of what Django logs of requests and refused forms, which puts it into the arguments."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always true: lines are cleaned, not dropped."""
        if isinstance(record.args, tuple) and record.name.startswith(("django.request", "django.security")):
            record.args = tuple("(address)" if isinstance(each, str) and "/" in each else each for each in record.args)
        if record.exc_info and not record.args and record.name.startswith("django.security"):
            record.msg = f"Refused: {record.name}"  # Django logs the text of the exception there
        return True


class NoValues(logging.Formatter):
    """Of what failed, the types of the exceptions and the places in the program. Their text may hold names or paths."""

    def formatException(self, ei: _Fault) -> str:  # noqa: N802  # logging's name
        """Outermost first, each with the one it came from below."""
        said: list[str] = []
        error = ei[1]
        while error is not None and len(said) < _CAUSES:
            said.append(f"{type(error).__module__}.{type(error).__qualname__}{_places(error.__traceback__)}")
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\nfrom ".join(said)


def _places(trace: TracebackType | None) -> str:
    frames = traceback.extract_tb(trace, -_FRAMES)
    return "".join(f"\n  {each.filename}:{each.lineno} in {each.name}" for each in frames)
