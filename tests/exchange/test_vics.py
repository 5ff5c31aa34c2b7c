"""VICS: what each field becomes, every defect by its record, and files that come back identical in content."""

import base64
import datetime
import hashlib
import io
import json
import time
from pathlib import Path
from typing import Any

import pytest
from fuzz import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from amparo.evidence.errors import BadInput
from amparo.exchange.known import KnownEntry
from amparo.exchange.vics import FLAGS, VicsReader, media_frame, vics_record, write_vics

GOLDEN = Path(__file__).parent.parent / "golden" / "vics"
WHOLE = ("media-1.3.json", "media-2.0-us.json", "media-2.0-us-utf16.json", "cases-2.0-uk.json")
DATED = datetime.date(2026, 1, 31)
MD5, SHA1, SHA256 = "a1" * 16, "b2" * 20, "c3" * 32
US = "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/US/$metadata#Media"

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(10**30, 10**40)
    | st.text(max_size=8)
    | st.sampled_from([1.10, 0.1]),
    lambda any_: st.lists(any_, max_size=3) | st.dictionaries(st.text(max_size=5), any_, max_size=3),
)
UNKNOWN = st.dictionaries(st.text(max_size=6).map(lambda key: f"x{key}"), JSON, max_size=3)
MEDIA = st.tuples(UNKNOWN, st.binary(min_size=20, max_size=20), st.none() | st.integers(0, 9), UNKNOWN).map(
    lambda each: {**each[0], "SHA1": each[1].hex(), "Category": each[2], **{f"y{key}": v for key, v in each[3].items()}}
)
LISTS = st.lists(MEDIA, max_size=4, unique_by=lambda each: each["SHA1"])


def joined(before: dict[str, Any], key: str, inner: list[Any], after: dict[str, Any]) -> dict[str, Any]:
    return {**before, key: inner, **{f"z{name}": value for name, value in after.items()}}


MEDIA_SETS = st.tuples(UNKNOWN, LISTS, UNKNOWN).map(lambda each: joined(each[0], "value", each[1], each[2]))
CASES = st.tuples(UNKNOWN, LISTS, st.lists(UNKNOWN, min_size=3, max_size=3)).map(
    lambda each: joined(
        each[0], "value", [joined(each[2][0], "Media", each[1], each[2][1]), {"Media": []}, {"Media": None}], each[2][2]
    )
)


def read(data: Any) -> list[KnownEntry]:
    text = data if isinstance(data, bytes) else json.dumps(data).encode()
    return list(VicsReader("Owner", "Terms", DATED).read(io.BytesIO(text)))


def read_one(**fields: object) -> KnownEntry:
    (entry,) = read([fields])
    return entry


def rewritten(data: bytes) -> bytes:
    reader = VicsReader("Owner", "Terms", DATED)
    originals = [entry.original for entry in reader.read(io.BytesIO(data))]
    stream = io.BytesIO()
    assert write_vics(stream, reader.frame, originals) == len(originals)
    return stream.getvalue()


def test_a_set_of_2_0() -> None:
    plum, fig = read((GOLDEN / "media-2.0-us.json").read_bytes())
    assert plum.key == "sha1:" + hashlib.sha1(b"plum").hexdigest()
    assert plum.digests == {
        "md5": hashlib.md5(b"plum").digest(),
        "sha1": hashlib.sha1(b"plum").digest(),
        "photodna": bytes(144),
    }
    assert plum.labels == (
        "offender-identified",
        "self-generated",
        "vics-category-2",
        "vics-us-category-2",
        "victim-identified",
    )
    assert (plum.owner, plum.terms, plum.dated, plum.place) == ("Owner", "Terms", datetime.date(2023, 6, 7), "Record 1")
    assert (fig.labels, fig.dated, fig.place) == (("vics-category-1", "vics-us-category-1"), DATED, "Record 2")
    assert read((GOLDEN / "media-2.0-us-utf16.json").read_bytes())[1].digests == fig.digests


def test_a_set_of_1_3_and_category_0() -> None:
    apple, pear = read((GOLDEN / "media-1.3.json").read_bytes())
    assert apple.labels == ("distributed", "vics-category-0")
    assert pear.labels == ("distributed",)
    assert apple.digests["photodna"] == bytes(range(144))
    assert b"Orchard-7" in apple.original


def test_cases() -> None:
    oak, elm, ash = read((GOLDEN / "cases-2.0-uk.json").read_bytes())
    assert oak.key == "md5:" + hashlib.md5(b"oak").hexdigest()
    assert elm.labels == ("vics-category-1", "vics-uk-category-1")
    assert ash.dated == datetime.date(2024, 2, 29)  # that of its Case
    assert json.loads(ash.original) == {
        "list": 2,
        "media": {"MediaID": 0, "Category": 0, "MD5": ash.digests["md5"].hex()},
    }


@pytest.mark.parametrize("name", WHOLE)
def test_golden_files_come_back(name: str) -> None:
    data = (GOLDEN / name).read_bytes()
    once = rewritten(data)
    assert json.loads(once) == json.loads(data)
    assert rewritten(once) == once


def test_a_truncated_file_names_the_record() -> None:
    with pytest.raises(BadInput, match="Record 2: the file ends inside it"):
        read((GOLDEN / "truncated-in-record-2.json").read_bytes())


def test_the_original_is_word_for_word() -> None:
    text = '{"MediaID" : 1, "x":1.10, "x":1E2, "MD5":"' + MD5 + '", "s":"\\ud83d \\u00e9"}'
    (entry,) = read(f"[ {text} ]".encode())
    assert entry.original == text.encode()
    assert text.encode() in rewritten(f"[ {text} ]".encode())


@settings(max_examples=examples(100))
@given(MEDIA_SETS | CASES | LISTS, st.booleans())
def test_whatever_stands_in_a_file_comes_back(document: Any, indent: bool) -> None:
    data = json.dumps(document, indent=1 if indent else None).encode()
    once = rewritten(data)
    assert json.loads(once) == document
    assert rewritten(once) == once


@pytest.mark.parametrize(
    ("fields", "digests", "key"),
    [
        ({"MD5": MD5.upper()}, {"md5": MD5}, f"md5:{MD5}"),
        ({"MD5": MD5, "SHA1": f" {SHA1} "}, {"md5": MD5, "sha1": SHA1}, f"sha1:{SHA1}"),
        ({"MD5": "", "SHA1": None, "SHA256": SHA256}, {"sha256": SHA256}, f"sha256:{SHA256}"),
        ({"AlternativeHashes": [{"HashName": "SHA-256", "HashValue": SHA256}]}, {"sha256": SHA256}, f"sha256:{SHA256}"),
        ({"AlternativeHashes": [{"HashName": "pdq", "HashValue": SHA256}]}, {"pdq": SHA256}, f"pdq:{SHA256}"),
        ({"MD5": MD5, "AlternativeHashes": None}, {"md5": MD5}, f"md5:{MD5}"),
        ({"MD5": MD5, "AlternativeHashes": [{"HashName": "MD5", "HashValue": MD5}]}, {"md5": MD5}, f"md5:{MD5}"),
        ({"MD5": MD5, "AlternativeHashes": [{"HashName": "?", "HashValue": 7}, {}]}, {"md5": MD5}, f"md5:{MD5}"),
        ({"MD5": MD5, "PhotoDNA": "0f" * 144}, {"md5": MD5, "photodna": "0f" * 144}, f"md5:{MD5}"),
        (
            {"MD5": MD5, "PhotoDNA": base64.b64encode(b"\x0f\xff").decode()},
            {"md5": MD5, "photodna": "0fff"},
            f"md5:{MD5}",
        ),
        ({"MD5": MD5, "PhotoDNA": "1,2,3"}, {"md5": MD5}, f"md5:{MD5}"),
        ({"MD5": MD5, "PhotoDNA": "A" * 9_000}, {"md5": MD5}, f"md5:{MD5}"),
        ({"MD5": MD5, "PhotoDNA": [1]}, {"md5": MD5}, f"md5:{MD5}"),
    ],
)
def test_digests_and_keys(fields: dict[str, object], digests: dict[str, str], key: str) -> None:
    entry = read_one(**fields)
    assert ({name: digest.hex() for name, digest in entry.digests.items()}, entry.key) == (digests, key)


def test_the_first_of_several_perceptual_hashes_counts() -> None:
    hashes = [{"HashName": "PDQ", "HashValue": digit * 64} for digit in "12"]
    assert read_one(MD5=MD5, AlternativeHashes=hashes).digests["pdq"] == b"\x11" * 32


@pytest.mark.parametrize("value", [True, "true", "True", "1", 1])
@pytest.mark.parametrize("field", FLAGS)
def test_flags_that_are_true(field: str, value: object) -> None:
    assert read_one(MD5=MD5, **{field: value}).labels == (FLAGS[field],)


@pytest.mark.parametrize("value", [False, "false", "False", "0", 0, "", None])
def test_flags_that_are_not(value: object) -> None:
    assert read_one(MD5=MD5, **dict.fromkeys(FLAGS, value)).labels == ()


@pytest.mark.parametrize(
    ("context", "labels"),
    [
        (US, ("vics-category-3", "vics-us-category-3")),
        (US.replace("US", "CA").replace("#Media", "#Cases"), ("vics-ca-category-3", "vics-category-3")),
        (US.replace("US", "Default"), ("vics-category-3",)),
        ("http://github.com/ICMEC/ProjectVic/DataModels/1.3.xml#Media", ("vics-category-3",)),
        (7, ("vics-category-3",)),
    ],
)
def test_the_profile_of_a_category(context: object, labels: tuple[str, ...]) -> None:
    (entry,) = read({"@odata.context": context, "value": [{"MD5": MD5, "Category": 3}]})
    assert entry.labels == labels


def test_dates() -> None:
    assert read_one(MD5=MD5, DateUpdated="2023-06-07").dated == datetime.date(2023, 6, 7)
    for bad in ("2023-02-30", "yesterday", "20230607", "2023-W01-1", None, 7, ""):
        assert read_one(MD5=MD5, DateUpdated=bad).dated == DATED
    (entry,) = read({"DateUpdated": "2020-01-02T00:00:00-05:00", "value": [{"MD5": MD5}]})
    assert entry.dated == datetime.date(2020, 1, 2)


@pytest.mark.parametrize(
    ("record", "says"),
    [
        ({"MediaID": 1}, "there is no MD5, SHA-1, SHA-256 or PDQ digest"),
        ({"MD5": "", "PhotoDNA": "0f"}, "there is no MD5, SHA-1, SHA-256 or PDQ digest"),
        ({"MD5": MD5[:-1]}, "MD5 'a1.*' is not a digest of 32 hex digits"),
        ({"MD5": MD5[:-2] + "zz"}, "MD5 'a1.*' is not a digest of 32 hex digits"),
        ({"MD5": "a1 " + "a1" * 13 + " a1"}, "MD5 'a1.*' is not a digest of 32 hex digits"),
        ({"MD5": 7}, "MD5 '7' is not a digest of 32 hex digits"),
        ({"MD5": MD5, "SHA1": MD5}, "SHA1 .* is not a digest of 40 hex digits"),
        ({"AlternativeHashes": [{"HashName": "PDQ", "HashValue": MD5}]}, "PDQ .* is not a digest of 64 hex digits"),
        (
            {"MD5": MD5, "AlternativeHashes": [{"HashName": "MD5", "HashValue": "0" * 32}]},
            "MD5 is given twice and differs",
        ),
        ({"MD5": MD5, "AlternativeHashes": {}, "x": 1, "SHA1": []}, None),
        ({"MD5": MD5, "AlternativeHashes": "x"}, "AlternativeHashes is not a list"),
        ({"MD5": MD5, "AlternativeHashes": ["x"]}, "AlternativeHashes holds something that is not an object"),
        ({"MD5": MD5, "Category": -1}, "Category '-1' is not a number from 0"),
        ({"MD5": MD5, "Category": 10_000}, "Category '10000' is not a number from 0"),
        ({"MD5": MD5, "Category": True}, "Category 'True' is not a number from 0"),
        ({"MD5": MD5, "Category": 1.0}, "Category '1.0' is not a number from 0"),
        ({"MD5": MD5, "Category": "one"}, "Category 'one' is not a number from 0"),
        ({"MD5": MD5, "VictimIdentified": "maybe"}, "VictimIdentified 'maybe' is not true or false"),
        ({"MD5": MD5, "VictimIdentified": 2}, "VictimIdentified '2' is not true or false"),
        ({"MD5": MD5, "VictimIdentified": [True]}, "VictimIdentified is not true or false"),
        ({"SHA1": SHA1, "MD5": MD5}, "the same file is Record 1 with other digests or another category"),
        ({"SHA1": SHA1, "Category": 0}, "the same file is Record 1 with other digests or another category"),
    ],
)
def test_defects_are_named_with_their_record(record: dict[str, object], says: str | None) -> None:
    if says is None:
        assert len(read([{"SHA1": SHA1}, record])) == 2
        return
    with pytest.raises(BadInput, match=f"^Record 2: {says}") as caught:
        read([{"SHA1": SHA1}, record])
    assert "\n" not in caught.value.message
    assert caught.value.hint


def test_a_record_repeated_with_the_same_digests_comes_again() -> None:
    first, again = read(
        [{"MediaID": 1, "MD5": MD5, "Category": 1}, {"MediaID": 2, "MD5": MD5.upper(), "Category": "1"}]
    )
    assert (first.key, first.digests, first.labels) == (again.key, again.digests, again.labels)
    assert b'"MediaID": 2' in again.original


@settings(max_examples=examples(150))
@given(
    st.dictionaries(
        st.sampled_from(["MD5", "SHA1", "PhotoDNA", "Category", "DateUpdated", "AlternativeHashes", *FLAGS]), JSON
    )
)
def test_any_value_in_a_known_field(fields: dict[str, object]) -> None:
    try:
        (entry,) = read([{"SHA256": SHA256, **fields}])
        assert entry.digests["sha256"] == bytes.fromhex(SHA256)
    except BadInput as error:
        assert error.message.startswith("Record 1: ")


@settings(max_examples=examples(100))
@given(st.lists(st.tuples(st.integers(0, 2_000), st.binary(max_size=3)), max_size=4), st.sampled_from(WHOLE))
def test_mutated_files(changes: list[tuple[int, bytes]], name: str) -> None:
    data = (GOLDEN / name).read_bytes()
    for at, value in changes:
        data = data[:at] + value + data[at + 1 :]
    try:
        assert all(entry.digests for entry in read(data))
    except BadInput as error:
        assert "\n" not in error.message


def entry_of(**changes: Any) -> KnownEntry:
    digests = {"md5": bytes(16), "sha1": bytes(20), "sha256": bytes(32), "pdq": b"\1" * 32, "photodna": b"\2" * 144}
    given_ = {
        "key": "1",
        "digests": digests,
        "labels": (),
        "owner": "O",
        "terms": "T",
        "dated": DATED,
        "place": "Line 1",
    }
    return KnownEntry(**(given_ | changes))


def test_entries_of_other_lists_become_records_that_read_the_same() -> None:
    entry = entry_of(labels=("distributed", "self-generated", "vics-category-0", "vics-us-category-0"))
    stream = io.BytesIO()
    assert write_vics(stream, media_frame("US"), [vics_record(entry, 7)]) == 1
    document = json.loads(stream.getvalue())
    assert (document["@odata.context"], document["value"][0]["MediaID"]) == (US, 7)
    (back,) = read(stream.getvalue())
    assert (back.digests, back.labels, back.dated) == (entry.digests, entry.labels, entry.dated)


def test_a_record_without_a_category_has_none() -> None:
    media = json.loads(vics_record(entry_of(digests={"md5": bytes(16)}), 1))
    assert media == {"MediaID": 1, "MD5": "0" * 32, "DateUpdated": "2026-01-31T00:00:00Z"}
    assert json.loads(rewritten(b"[%b]" % vics_record(entry_of(), 1)))[0]["AlternativeHashes"][1]["HashName"] == "PDQ"


def test_what_vics_cannot_say_is_refused() -> None:
    with pytest.raises(BadInput, match="Line 1: it has two VICS categories"):
        vics_record(entry_of(labels=("vics-category-1", "vics-category-2")), 1)
    with pytest.raises(BadInput, match="Line 1: it is withdrawn"):
        vics_record(entry_of(withdrawn=True), 1)
    for bad in ("", "U S", "US/x", "U" * 17):
        with pytest.raises(BadInput, match="is not a profile of VICS"):
            media_frame(bad)


def test_some_records_may_be_left_out_but_not_moved() -> None:
    reader = VicsReader("Owner", "Terms", DATED)
    oak, elm, ash = (each.original for each in reader.read(io.BytesIO((GOLDEN / "cases-2.0-uk.json").read_bytes())))
    stream = io.BytesIO()
    assert write_vics(stream, reader.frame, [elm]) == 1
    assert [len(case["Media"] or ()) for case in json.loads(stream.getvalue())["value"]] == [0, 1, 0, 0]
    assert len(read(stream.getvalue())) == 1
    for wrong_order, says in [
        ([ash, oak], "Record 2: Media list 1 does not exist, or its turn is over"),
        ([b'{"list":3,"media":{}}'], "Record 1: Media list 3 does not exist"),
        ([b'{"MD5":""}'], "Record 1: it does not say which Media list"),
    ]:
        with pytest.raises(BadInput, match=says):
            write_vics(io.BytesIO(), reader.frame, wrong_order)
    for bad in (b"", b"a,b", b"{"):
        with pytest.raises(BadInput, match="Record 1: it is not a VICS record"):
            write_vics(io.BytesIO(), media_frame(), [bad])


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"[]",
        b"7",
        b"\xff",
        b"[" * 100_000,
        b'{"v":2,"cases":false,"parts":["",""]}',
        b'{"v":1,"cases":false,"parts":["","",""]}',
        b'{"v":1,"cases":true,"parts":[]}',
        b'{"v":1,"cases":1,"parts":["",""]}',
        b'{"v":1,"cases":false,"parts":["\\ud800",""]}',
        b'{"v":1,"cases":false,"parts":[1,2]}',
    ],
)
def test_what_is_no_frame_is_refused(frame: bytes) -> None:
    with pytest.raises(BadInput, match="not the frame of a VICS list"):
        write_vics(io.BytesIO(), frame, [])


def test_the_speed_is_printed() -> None:
    records = [
        {
            "MediaID": n,
            "Category": n % 4,
            "MD5": f"{n:032X}",
            "SHA1": f"{n:040X}",
            "DateUpdated": "2023-06-07T02:31:49Z",
        }
        for n in range(100_000)
    ]
    data = json.dumps({"@odata.context": US, "value": records}).encode()
    start = time.perf_counter()
    count = sum(1 for _ in VicsReader("Owner", "Terms", DATED).read(io.BytesIO(data)))
    print(f"VICS: {count / (time.perf_counter() - start):,.0f} records a second")
    assert count == len(records)
