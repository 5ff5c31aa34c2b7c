"""What a request may carry: as much as the longest form of ours, and no file.

No page takes a file. Django would write each one to the disk before it looks whether the form may be sent at all.
"""

from collections.abc import Callable
from typing import Any

from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render

MAX_BODY = 1_000_000  # bytes
_DIGITS = 9  # of a length; int() of thousands of digits raises ValueError


def too_long(request: HttpRequest, most: int) -> bool:
    """Whether the stated length is over ``most`` bytes, or no number. Servers hand over no more than is stated."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    return len(length) > _DIGITS or not (length.isascii() and length.isdecimal()) or int(length) > most


class Bounded:
    """Middleware: refuses what is longer than any form of ours, before a byte of it is read."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self._answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if too_long(request, MAX_BODY):
            return render(request, "workbench/error.html", {"error": "long"}, status=413)
        return self._answer(request)


class NoFiles(FileUploadHandler):
    """Refuses a form with a file (400) at the file's first line, so that nothing of it is kept."""

    def new_file(self, *_: Any, **__: Any) -> None:
        """Raises MultiPartParserError, which Django answers as it does a form that cannot be read."""
        raise MultiPartParserError("No form here takes a file.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Never called: :meth:`new_file` comes first."""

    def file_complete(self, file_size: int) -> None:
        """Never called either."""
