"""What a Ledger stores of a visit."""

from pipeline.subjects import task

from amparo.evidence.finding import Finding
from amparo.evidence.item import Child, Entry, Step
from amparo.evidence.outcome import Failed, Ok, Skipped
from amparo.pipeline.record import DIGESTS, MEDIA_TYPE, PICTURE, UNKNOWN_TYPE, Shortfall, record
from amparo.pipeline.task import KnownPicture, Visited

CHILD = Child(Step("zip", b"m", 0), Entry.FILE, 1)
TOLD = Finding("a.b", {})
READ = Finding(DIGESTS, {"sha256": "ab" * 32, "sha1": "cd" * 20, "md5": "ef" * 16, "size": 9})


def test_digests_and_type_become_a_content() -> None:
    named = Finding(MEDIA_TYPE, {"media_type": "image/png"})
    found = record(Visited(task(), ((0, Ok((READ,))), (1, Ok((named,))))))
    assert found.content is not None
    assert (found.content.sha256, found.content.size) == (b"\xab" * 32, 9)
    assert found.content.media_type == found.media_type == "image/png"
    assert found.findings == ()


def test_content_without_a_type() -> None:
    found = record(Visited(task(), ((0, Ok((READ,))), (1, Failed("crash")))))
    assert found.content is not None
    assert (found.content.media_type, found.media_type) == (UNKNOWN_TYPE, None)


def test_what_was_learnt_before_a_failure_is_kept() -> None:
    found = record(Visited(task(), ((2, Failed("limit-ratio", (TOLD,), (CHILD,))), (3, Skipped("encrypted")))))
    assert found.children == ((2, CHILD),)
    assert found.findings == ((2, TOLD),)
    assert found.shortfalls == (Shortfall(2, True, "limit-ratio"), Shortfall(3, False, "encrypted"))
    assert (found.content, found.media_type) == (None, None)


def test_hashes_of_a_picture_become_its_own() -> None:
    facts = {"pdq": "0f" * 32, "quality": 73, "pdq_512": None, "views": "01ff"}
    found = record(Visited(task(), ((5, Ok((Finding(PICTURE, facts), TOLD))),)))
    assert found.picture == KnownPicture(b"\x0f" * 32, 73, None, b"\x01\xff")
    assert found.findings == ((5, TOLD),), "hashes are no Finding that anybody reads"
    squashed = record(Visited(task(), ((5, Ok((Finding(PICTURE, {**facts, "pdq_512": "f0" * 32}),))),)))
    assert squashed.picture == KnownPicture(b"\x0f" * 32, 73, b"\xf0" * 32, b"\x01\xff")
    assert record(Visited(task(), ((5, Failed("limit-time")),))).picture is None
