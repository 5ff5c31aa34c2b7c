"""Logs of the web process carry no path of a request: it may hold words from a case."""

import logging


class NoAddresses(logging.Filter):
    """Takes the address out of what Django logs of requests and refused forms, which puts it into the arguments."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always true: lines are cleaned, not dropped."""
        if isinstance(record.args, tuple) and record.name.startswith(("django.request", "django.security")):
            record.args = tuple("(address)" if isinstance(each, str) and "/" in each else each for each in record.args)
        return True
