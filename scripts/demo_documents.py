"""Benign documents and archives, written by hand so that every byte is known."""

import csv
import gzip
import io
import json
import random
import tarfile
import zipfile
from collections.abc import Sequence
from email.message import EmailMessage
from html import escape

_ZIP_TIME = (2026, 3, 1, 12, 0, 0)
_TAR_TIME = 1_772_366_400  # 2026-03-01 12:00 UTC
_SENTENCES = (
    "The library opens at nine and closes at six.",
    "Bring a jacket, because the evenings by the lake are cool.",
    "The tomatoes need water twice a day in July.",
    "Bus 14 leaves from the north side of the station.",
    "Mix flour, water and salt, and let the dough rest for an hour.",
    "The meeting room on the second floor has a new projector.",
    "Our hiking group walks eleven kilometres on Sunday.",
    "The bicycle needs a new chain before the summer.",
    "Choir practice has moved to Thursday at seven.",
    "Two lamps in the stairwell have to be changed.",
)


def text(rng: random.Random) -> str:
    """A few sentences about everyday things."""
    return " ".join(rng.sample(_SENTENCES, rng.randrange(3, 7))) + f" Note {rng.randrange(10_000)}."


def documents(rng: random.Random, number: int) -> list[tuple[str, bytes]]:
    """One of each kind."""
    body = text(rng)
    table = io.StringIO()
    csv.writer(table).writerows([("day", "visitors"), *((day, rng.randrange(90)) for day in range(1, 8))])
    page = f"<!doctype html><html lang=en><title>Note {number}</title><p>{escape(body)}</p></html>\n"
    return [
        (f"note-{number}.txt", f"{body}\n".encode()),
        (f"page-{number}.html", page.encode()),
        (f"visitors-{number}.csv", table.getvalue().encode()),
        (f"settings-{number}.json", json.dumps({"note": body, "number": number}, indent=1).encode()),
        (f"letter-{number}.pdf", pdf(body[:80])),
        (f"letter-{number}.docx", docx(body)),
        (f"mail-{number}.eml", mail(body, number)),
    ]


def pdf(line: str) -> bytes:
    """A page with one line of text."""
    shown = line.replace("\\", "").replace("(", "").replace(")", "")
    stream = f"BT /F1 12 Tf 72 720 Td ({shown}) Tj ET".encode()
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, each in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


def docx(body: str) -> bytes:
    """The smallest word-processing package: content types, relations, one paragraph."""
    office = "http://schemas.openxmlformats.org"
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    types = (
        f'<Types xmlns="{office}/package/2006/content-types"><Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{main}"/></Types>'
    )
    relations = (
        f'<Relationships xmlns="{office}/package/2006/relationships"><Relationship Id="r1" Type='
        f'"{office}/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>'
    )
    document = (
        f'<w:document xmlns:w="{office}/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>{escape(body)}'
        "</w:t></w:r></w:p></w:body></w:document>"
    )
    parts = (("[Content_Types].xml", types), ("_rels/.rels", relations), ("word/document.xml", document))
    return zip_of([(name, part.encode()) for name, part in parts])


def mail(body: str, number: int) -> bytes:
    """A message between reserved addresses."""
    message = EmailMessage()
    message["From"], message["To"] = "anna@example.org", "club@example.net"
    message["Date"], message["Subject"] = "Sun, 01 Mar 2026 12:00:00 +0000", f"Note {number}"
    message["Message-ID"] = f"<{number}@example.org>"
    message.set_content(body)
    return message.as_bytes()


def zip_of(members: Sequence[tuple[str, bytes]]) -> bytes:
    """A ZIP of these members."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name, _ZIP_TIME), data, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def tar_of(members: Sequence[tuple[str, bytes]]) -> bytes:
    """A tar of these members."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(data), _TAR_TIME
            archive.addfile(info, io.BytesIO(data))
    return stream.getvalue()


def tar_gz_of(members: Sequence[tuple[str, bytes]]) -> bytes:
    """The same, compressed."""
    return gzip.compress(tar_of(members), mtime=_TAR_TIME)
