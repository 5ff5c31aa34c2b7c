"""Text: which of the text formats, cautiously, and whether it is text at all."""

import codecs
import json
import re

_CONTROL = bytes(set(range(32)) - {7, 8, 9, 10, 12, 13, 27})  # what file(1) does not take for text either
_LATIN1_CONTROL = _CONTROL + b"\x7f" + bytes(range(0x80, 0xA0)).replace(b"\x85", b"")
_SPACE = b" \t\r\n\f"
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
         (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip
_HTML = re.compile(rb"<(!doctype\s+html|html[\s>]|head[\s>]|body[\s>]|title>|script[\s>])", re.I)
_SHELLS = re.compile(rb"#!\s*(/\S*/)?(env\s+(-\S+\s+)*)?(ba|da|k|z|a|tc|c)?sh\b")
_PYTHONS = re.compile(rb"#!\s*(/\S*/)?(env\s+(-\S+\s+)*)?python")
_PERLS = re.compile(rb"#!\s*(/\S*/)?(env\s+(-\S+\s+)*)?perl")
_HEADER = re.compile(rb"([A-Za-z][A-Za-z0-9-]{1,60}):[ \t]?[^\r\n]*\r?\n(?:[ \t]+[^\r\n]*\r?\n)*")
_JSON = re.compile(rb'[\[{\s]*("([^"\\]|\\.){0,200}"\s*[:,]|-?\d+(\.\d+)?\s*,|(true|false|null)\s*,)')
_MBOX = re.compile(rb"From \S+ +(Mon|Tue|Wed|Thu|Fri|Sat|Sun) \w{3} [ \d]\d \d\d:\d\d")
_MAIL = frozenset({b"received", b"return-path", b"delivered-to", b"message-id", b"mime-version", b"x-mozilla-status"})
_LETTER = frozenset({b"from", b"to", b"date", b"subject"})


def text_type(head: bytes) -> str | None:
    """The media type of text that begins with ``head``, None if it is not text."""
    body, encoding = _decoded(head)
    if encoding is None:
        return None
    start = body.lstrip(_SPACE)
    first = start[:1]
    if first == b"<":
        return _markup(start[:4096])
    if first == b"#" and start[:2] == b"#!":
        return _script(start[:256])
    if first in (b"{", b"[") and _is_json(start, len(head) < 64 * 1024):
        return "application/json"
    if first.isalpha() and (found := _mail(body[:16_384])) is not None:
        return found
    if body.startswith(b"BEGIN:VCARD"):
        return "text/vcard"
    return "text/calendar" if body.startswith(b"BEGIN:VCALENDAR") else "text/plain"


def _decoded(head: bytes) -> tuple[bytes, str | None]:
    """(bytes that compare as ASCII, encoding); the encoding is None for what is not text."""
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            if encoding == "utf-8":
                head = head[len(bom) :]
                break
            width = 4 if encoding == "utf-32" else 2
            try:
                text = head[: len(head) // width * width].decode(encoding, "strict")
            except UnicodeDecodeError as error:
                if error.start + 4 < len(head):  # not just a pair cut at the end
                    return head, None
                text = head[: error.start].decode(encoding)
            body = text.encode("utf-8")
            return body, None if body.translate(None, _CONTROL) != body else encoding
    for part in (head[:1024], head):  # most of what is not text shows it at once
        if len(part.translate(None, _CONTROL)) != len(part):
            return head, None
    if head.isascii():
        return head, "ascii"
    try:
        codecs.utf_8_decode(head, "strict", False)  # a sequence cut at the end is fine
        return head, "utf-8"
    except UnicodeDecodeError:
        pass
    return head, "latin-1" if len(head.translate(None, _LATIN1_CONTROL)) == len(head) else None


def _markup(start: bytes) -> str:
    lower = start.lower()
    if b"<svg" in lower:
        before = lower[: lower.index(b"<svg")]
        if b"<html" not in before:
            return "image/svg+xml"
    if lower.startswith(b"<?xml"):
        return "application/xhtml+xml" if b"<html" in lower and b"xhtml" in lower else "text/xml"
    if _HTML.match(re.sub(rb"\A(<!--.*?-->\s*)+", b"", start, flags=re.S)):
        return "text/html"
    return "text/plain"


def _script(start: bytes) -> str:
    if _SHELLS.match(start):
        return "text/x-shellscript"
    if _PYTHONS.match(start):
        return "text/x-script.python"
    return "text/x-perl" if _PERLS.match(start) else "text/plain"


def _is_json(start: bytes, whole: bool) -> bool:
    """All of it parses; where only the head is here, it must at least begin as objects and lists of objects do."""
    if whole:
        try:
            json.loads(start)
        except (ValueError, RecursionError):
            return False
        return True
    return _JSON.match(start) is not None


def _mail(body: bytes) -> str | None:
    if _MBOX.match(body):
        return "application/mbox"
    names: set[bytes] = set()
    at = 0
    while len(names) < 40 and (match := _HEADER.match(body, at)) is not None:
        names.add(match.group(1).lower())
        at = match.end()
    if names & _MAIL and len(names & _LETTER) >= 2:
        return "message/rfc822"
    return "message/rfc822" if len(names & _LETTER) >= 3 else None
