"""A made-up report with hostile paths. All values are invented; nothing here is about a real matter."""

import datetime
import hashlib
import uuid

from amparo.evidence.custody.verify import Anchored
from amparo.ui import report

HOSTILE = (
    b"DCIM/Camera/IMG_0412.jpg",
    b"Downloads/<script>alert(1)</script>.jpg",
    b"Downloads/photo\xe2\x80\xaegpj.exe",
    b"odd/\xff\xfe\x1b[31m red\nline ",
    b'backup.zip!/inner.tar!/"quoted" style=x & more/IMG_0412 (copy).jpg',
)
_KEY = "7d5e" * 16
_HEAD = "41:" + "b8c1" * 16


def _utc(day: int, hour: int, minute: int = 0) -> datetime.datetime:
    return datetime.datetime(2026, 11, day, hour, minute, tzinfo=datetime.UTC)


def _match(
    number: int, algorithm: str = "sha256", places: int = 1, labels: tuple[str, ...] = (), kind: str = "match.bank",
    **more: object,
) -> report.Match:  # fmt: skip
    facts = {"bank_name": "Demo list", "bank_version": 3, "entry": number, "algorithm": algorithm, "confirmed": False}
    facts |= {"labels": labels or ("test-known",), "owner": "Amparo demo", "dated": "2026-03-01"}
    return report.Match(
        sha256=hashlib.sha256(b"%d" % number).digest(),
        media_type=("image/jpeg", "image/png", "image/heic")[number % 3],
        size=(2_104_331, 84_120, 1_204_881)[number % 3],
        kind=kind,
        facts={**facts, **more},
        places=places,
        paths=HOSTILE[:places] if number % 2 else HOSTILE[number % 3 : number % 3 + min(places, 2)],
    )


def full() -> report.Report:
    """Everything filled in, work not finished."""
    types = [("image/jpeg", 118), ("image/png", 61), ("text/plain", 40), ("application/pdf", 12), ("image/webp", 11)]
    long = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    types += [(long, 4), *((f"application/x-kind-{n}", 3) for n in range(14))]
    return report.Report(
        reference="ES-2026-0412 <b>& Co</b>",
        uuid=uuid.UUID(int=0x5A1E << 96 | 0x8000 << 64 | 42),
        operator="os:examiner",
        made=_utc(23, 10, 15),
        version="0.1.0",
        authorities=(
            report.Authority(
                "Search order 214/2026, examining court no. 3: content of the seized devices.",
                _utc(1, 0),
                datetime.datetime(2027, 2, 1, tzinfo=datetime.UTC),
                (b"/evidence/ES-2026-0412", b"/evidence/sp\xc3\xa4t \xe2\x80\xae"),
                issuer="Examining court no. 3",
            ),
        ),
        sources=(
            report.Source(
                uuid.UUID(int=7), b"/evidence/ES-2026-0412/laptop", "folder", _utc(22, 9), _utc(22, 9, 4), 301, 240
            ),
            report.Source(uuid.UUID(int=8), b"/evidence/ES-2026-0412/stick\n", "folder", _utc(23, 8), None, 41, 30),
        ),
        totals=report.Totals(
            entries=(("file", 300), ("directory", 38), ("symlink", 2), ("fifo", 1), ("hardlink", 1)),
            items=report.States(ok=322, skipped=5, failed=6, pending=9),
            items_with_content=286,
            contents=270,
            bytes_listed=48_214_331,
            bytes_distinct=41_008_112,
        ),
        media_types=tuple(types),
        banks=(report.Bank("Demo list", 3, 20), report.Bank("National list", 41, 1_204_331)),
        matches=report.Matches(
            contents=20,
            places=31,
            total=22,
            shown=(
                _match(1, places=5, labels=("test-known", "test-series-a")),
                _match(2, "md5"),
                _match(3, places=12),
                _match(4, "sha1", places=2),
                _match(5),
                _match(
                    6,
                    "pdq",
                    kind="match.near",
                    distance=24,
                    radius=31,
                    entries=3,
                    variant="pdq_512",
                    quality=87,
                    transform="mirrored",
                    part=("10.0", "0.0", "90.0", "100.0"),
                ),
            ),
        ),
        skipped=(report.Shortfall("symlink", 2), report.Shortfall("special", 1), report.Shortfall("encrypted", 2)),
        failed=(
            report.Shortfall("limit-pixels", 1),
            report.Shortfall("permission", 3),
            report.Shortfall("crash-sigsegv", 1),
            report.Shortfall("not-a-known-code", 1),
        ),
        failed_items=tuple(
            report.FailedItem(path, stage, reason)
            for path, stage, reason in (
                (HOSTILE[1], "digests", "permission"),
                (HOSTILE[2], "picture", "limit-pixels"),
                (HOSTILE[3], "picture", "crash-sigsegv"),
                (HOSTILE[4], "unpack", "not-a-known-code"),
            )
        ),
        damage=(report.Damage("archive.damaged", 2), report.Damage("picture.damaged", 1)),
        analysers=tuple(
            report.Analyser(name, version, hashlib.sha256(name.encode()).hexdigest())
            for name, version in (("walk", "1"), ("digests", "1"), ("media_type", "1"), ("unpack", "1"), ("match", "2"))
        ),
        custody=report.Custody(
            entries=41,
            head=_HEAD,
            key=_KEY,
            anchored=Anchored.BOTH,
            command=f"amparo custody verify ES-2026-0412 --head {_HEAD} --key {_KEY}",
        ),
    )


def empty() -> report.Report:
    """A Case in which nothing was done."""
    return report.Report(
        reference="ES-2026-0001",
        uuid=uuid.UUID(int=1),
        operator="os:examiner",
        made=_utc(23, 10),
        version="0.1.0",
        authorities=(),
        sources=(),
        totals=report.Totals((), report.States(), 0, 0, 0, 0),
        media_types=(),
        banks=(),
        matches=report.Matches(),
        skipped=(),
        failed=(),
        failed_items=(),
        damage=(),
        analysers=(),
        custody=report.Custody(0, "", "", Anchored.NOT, "amparo custody verify ES-2026-0001", "Line 3 was changed."),
    )
