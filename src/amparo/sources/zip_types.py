"""Which of the many document formats a ZIP file is."""

import struct

from amparo.sources.signatures import ZIP_MEMBERS, ZIP_MIMETYPES


def zip_type(head: bytes) -> str | None:
    """The media type of a ZIP file by the members in its head, None if it is none."""
    if head[:4] != b"PK\x03\x04":
        return None
    if head[30:38] == b"mimetype" and len(head) > 38 and (found := _stored_mimetype(head)) in ZIP_MIMETYPES:
        return found
    names = _zip_names(head)
    if any(entry.startswith((b"[Content_Types].xml", b"_rels/", b"docProps/")) for entry in names):
        for prefix, kind in ZIP_MEMBERS[:3]:
            if any(entry.startswith(prefix) for entry in names) or _later(head, prefix):
                return kind
    for exact, kind in ZIP_MEMBERS[3:]:
        if exact in names:
            return kind
    return "application/zip"


def _stored_mimetype(head: bytes) -> str:
    """What the first member ``mimetype`` says, which ODF and EPUB store uncompressed for exactly this."""
    size, name, extra = struct.unpack_from("<I4x2H", head, 18)
    text = head[30 + name + extra : 30 + name + extra + 100]
    return (text[:size] if 0 < size < 100 else text.split(b"PK", 1)[0]).strip().decode("latin-1")


def _zip_names(head: bytes) -> list[bytes]:
    """Names in the local headers that lie in the head."""
    names: list[bytes] = []
    at = 0
    while at >= 0 and at + 30 <= len(head) and len(names) < 200:
        length = int.from_bytes(head[at + 26 : at + 28], "little")
        names.append(head[at + 30 : at + 30 + length])
        at = head.find(b"PK\x03\x04", at + 30 + length)
    return names


def _later(head: bytes, prefix: bytes) -> bool:
    """Whether the central directory, where the head reaches it, names such a member."""
    return b"PK\x01\x02" in head and prefix in head
