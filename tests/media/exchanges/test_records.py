"""Foreign records become entries, whatever stands in them."""

import datetime
import json
from typing import Any

from fuzz import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from amparo.evidence.errors import BadInput
from amparo.exchange.known import ALGORITHMS, OPAQUE
from amparo.media.exchanges.ncmec_records import NcmecRecord, ncmec_entry
from amparo.media.exchanges.stopncii_records import StopNciiRecord, Words, prepared, stopncii_entry

HEX = st.sampled_from([pair * size for pair in ("00", "aB", " f") for size in (0, 16, 20, 32, 144)])
TEXT = st.text(max_size=50) | st.sampled_from(["a" * 60, "a" * 210]) | HEX
NAMES = st.sampled_from(["md5", "sha1", "sha256", "pdq", "pdna", "PDNA", "netclean", "ssvh_pdna"]) | st.text(max_size=9)
NCMEC = st.builds(
    NcmecRecord,
    member=st.integers(0, 10**12),
    member_name=TEXT,
    id=TEXT,
    kind=st.sampled_from(["image", "video"]),
    deleted=st.booleans(),
    classification=TEXT,
    timestamp=TEXT | st.datetimes().map(lambda each: each.isoformat() + "Z"),
    fingerprints=st.dictionaries(NAMES, TEXT, max_size=6),
    page=st.dates(),
)


@settings(max_examples=examples(300))
@given(NCMEC)
def test_a_record_of_ncmec_is_an_entry_or_refused(record: NcmecRecord) -> None:
    try:
        entry = ncmec_entry(record, "For tests")
    except BadInput:
        assert not record.id.strip() or not record.id.strip().isprintable() or len(record.id) > 150
        return
    assert entry.key == f"{record.member}-{record.id.strip()}"
    assert entry.withdrawn == (not entry.digests)
    assert not (record.deleted and entry.digests)
    assert all(label.startswith("ncmec-") for label in entry.labels)
    if record.kind == "video":
        assert not {"pdq", OPAQUE} & set(entry.digests)
    for algorithm in set(entry.digests) & set(ALGORITHMS):
        given_text = next(text for name, text in record.fingerprints.items() if name.lower() == algorithm)
        assert entry.digests[algorithm].hex() == given_text.strip().lower()
    assert json.loads(entry.original)["fingerprints"] == dict(record.fingerprints)


def ncmec_record(**fields: Any) -> NcmecRecord:
    plain = {"member_name": "Birch", "id": "a", "kind": "image", "deleted": False, "classification": "A1"}
    times = {"timestamp": "2023-11-14T22:13:20Z", "page": datetime.date(2024, 1, 1), "member": 42}
    return NcmecRecord(**(plain | times | {"fingerprints": {"md5": "0" * 32}} | fields))


def test_what_is_missing_is_filled_in_plainly() -> None:
    entry = ncmec_entry(ncmec_record(member_name="\n", timestamp="", classification="?"), "t")
    assert (entry.owner, entry.dated, entry.labels) == ("NCMEC member 42", datetime.date(2024, 1, 1), ())


def test_the_page_changes_nothing_in_a_record() -> None:
    first, second = (ncmec_entry(ncmec_record(page=datetime.date(2024, 1, day)), "t") for day in (1, 2))
    assert first == second


WORDS = Words({"Unknown", "ImagePDQ", "VideoMD5"}, {"Unknown", "Active", "Deleted"}, {"Unknown", "Blocked"})
STOPNCII = st.builds(
    StopNciiRecord,
    kind=st.sampled_from(["ImagePDQ", "VideoMD5", "Text", "URL", "Unknown"]),
    value=TEXT | st.text(st.characters(categories=("Cs", "L")), max_size=9),
    status=st.sampled_from(["Active", "Withdrawn", "Deleted", "Unknown", "Received"]),
    feedback=st.lists(st.sampled_from(["Blocked", "None", "Unknown"])).map(tuple),
    modified=st.integers(0, 2**32),
    original=st.binary(max_size=9),
)


@settings(max_examples=examples(300))
@given(STOPNCII)
def test_a_record_of_stopncii_is_an_entry(record: StopNciiRecord) -> None:
    entry = stopncii_entry(record, "For tests")
    assert entry.withdrawn == (not entry.digests)
    if entry.withdrawn:
        assert not entry.original
    else:
        assert record.status not in ("Withdrawn", "Deleted")
        (digest,) = entry.digests.values()
        assert digest.hex() == record.value.strip().lower()
        assert entry.key == f"{record.kind}:{digest.hex()}"


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ("hashValue", "signalType", "hashStatus", "lastModtimestamp", "caseNumbers", "CSPFeedbacks")
FEEDBACK = st.lists(st.dictionaries(st.sampled_from(["feedbackValue", "tags", "source"]), JSON, max_size=3), max_size=3)
ROUGH = st.dictionaries(st.sampled_from(FIELDS), JSON | FEEDBACK | st.just("Active") | st.just(9), max_size=6)


@settings(max_examples=examples(300))
@given(st.lists(ROUGH | JSON, max_size=3) | JSON, JSON | st.just(7))
def test_a_page_of_stopncii_is_prepared_or_refused(records: Any, following: Any) -> None:
    page = {"hashRecords": records, "count": 1, "nextSetTimestamp": following}
    before = json.dumps(records, sort_keys=True)
    try:
        _, originals = prepared("example.org", page, WORDS, 10**10)
    except BadInput:
        return
    assert json.dumps([json.loads(each) for each in originals], sort_keys=True) == before
    for record in records:
        assert record["signalType"] in WORDS.signal_types
        assert record["hashStatus"] in WORDS.statuses
        assert all(each["feedbackValue"] in WORDS.feedback for each in record["CSPFeedbacks"])
