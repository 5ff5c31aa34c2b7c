"""VICS of one's own Case: Media records of data model 2.0 with size, type and places, as :mod:`.vics` reads them.

The fields are those that public readers and writers agree on (see :mod:`.vics`); no certified tool could be tried.
"""

import dataclasses
import datetime
import json
from collections.abc import Iterable, Mapping
from typing import BinaryIO

from amparo.exchange.vics import media_frame, write_vics

_TIMES = (("created", "Created"), ("modified", "Written"), ("accessed", "Accessed"))


@dataclasses.dataclass(frozen=True, slots=True)
class CaseFile:
    """One place. ``times``: ISO 8601 by ``created``, ``modified``, ``accessed``. ``unallocated``: deleted or carved."""

    path: str
    times: Mapping[str, str]
    unallocated: bool


@dataclasses.dataclass(frozen=True, slots=True)
class CaseMedia:
    """One Content. ``number`` is its MediaID, from 1; ``size`` in bytes; ``category`` None: nobody's grade stands."""

    number: int
    md5: bytes
    sha1: bytes
    sha256: bytes
    size: int
    media_type: str
    category: int | None
    updated: datetime.datetime
    files: tuple[CaseFile, ...]


def write_case(stream: BinaryIO, profile: str, media: Iterable[CaseMedia]) -> int:
    """Write a list of Media as it comes; the number written. ``profile`` is that of the categories. Raises BadInput."""
    return write_vics(stream, media_frame(profile), map(_record, media))


def _record(media: CaseMedia) -> bytes:
    record: dict[str, object] = {"MediaID": media.number}
    if media.category is not None:
        record["Category"] = media.category
    md5 = media.md5.hex().upper()
    record |= {"MD5": md5, "SHA1": media.sha1.hex().upper(), "MediaSize": media.size}
    if media.media_type:
        record["MimeType"] = media.media_type
    record["AlternativeHashes"] = [{"HashName": "SHA256", "HashValue": media.sha256.hex()}]
    record["DateUpdated"] = media.updated.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    record["MediaFiles"] = [_file(md5, each) for each in media.files]
    return json.dumps(record, separators=(",", ":")).encode()


def _file(md5: str, file: CaseFile) -> dict[str, object]:
    folder, _, name = file.path.rpartition("/")
    record: dict[str, object] = {"MD5": md5, "FileName": name or folder, "FilePath": file.path}
    record |= {field: file.times[name] for name, field in _TIMES if name in file.times}
    return record | {"Unallocated": file.unallocated}
