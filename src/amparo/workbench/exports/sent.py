"""How packages and their files are sent: always as a download, never shown inside a page of ours."""

import re
from collections.abc import Iterator
from typing import BinaryIO

from django.http import StreamingHttpResponse

from amparo.casework.installation import Installation
from amparo.casework.packages import folder_of, zipped
from amparo.catalogue.models import Export

_PART = 1 << 16


def archive(installation: Installation, row: Export) -> StreamingHttpResponse:
    """The package as a zip archive with one folder."""
    name = f"{_plain(row.case.reference) or 'case'}-{row.made:%Y%m%d-%H%M}"
    folder = folder_of(installation, row.case, row.uuid)
    return _attached(StreamingHttpResponse(zipped(folder, name)), "application/zip", f"{name}.zip")


def single(stream: BinaryIO, path: str) -> StreamingHttpResponse:
    """One file, as bytes without a type: no browser opens it by itself."""
    return _attached(
        StreamingHttpResponse(_parts(stream)), "application/octet-stream", _plain(path.rpartition("/")[2]) or "file"
    )


def _parts(stream: BinaryIO) -> Iterator[bytes]:
    with stream:
        while part := stream.read(_PART):
            yield part


def _plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-.")


def _attached(answer: StreamingHttpResponse, kind: str, name: str) -> StreamingHttpResponse:
    answer.headers["Content-Type"] = kind
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
