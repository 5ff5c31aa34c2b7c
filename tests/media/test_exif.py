"""EXIF: what cameras write, what they write wrongly, and what was written to break the reader."""

import io
import struct
from typing import Any

import pytest
from fuzz import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from media.test_picture import chunk
from PIL import Image

from amparo.evidence.outcome import Ok
from amparo.media.decoding import prepare
from amparo.media.picture import Picture

prepare()
LATITUDE, LONGITUDE = ((19, 1), (25, 1), (5844, 100)), ((99, 1), (7, 1), (5988, 100))
GPS = {1: "N", 2: LATITUDE, 3: "W", 4: LONGITUDE, 5: b"\0", 6: (22405, 10)}


def block(main: dict[int, Any], shot: dict[int, Any] | None = None, gps: dict[int, Any] | None = None) -> bytes:
    """An EXIF block, little-endian. Values: str and bytes as ASCII and BYTE, int as SHORT, pairs as RATIONAL."""
    at, out = 8, b"II*\0\x08\0\0\0"
    tables = [main, shot or {}, gps or {}]
    pointers = [tag for tag, table in ((0x8769, tables[1]), (0x8825, tables[2])) if table]
    sizes = []
    for number, table in enumerate(tables):
        count = len(table) + (len(pointers) if number == 0 else 0)
        heaps = sum((len(data) + 1) // 2 * 2 for _, _, data in map(_coded, table.values()) if len(data) > 4)
        sizes.append(2 + 12 * count + 4 + heaps if table or number == 0 else 0)
    starts = {0x8769: at + sizes[0], 0x8825: at + sizes[0] + sizes[1]}
    for number, table in enumerate(tables):
        if number and not table:
            continue
        rows = [(tag, *_coded(value)) for tag, value in table.items()]
        rows += [(tag, 4, 1, struct.pack("<I", starts[tag])) for tag in pointers] if number == 0 else []
        heap, body = at + 2 + 12 * len(rows) + 4, b""
        out += struct.pack("<H", len(rows))
        for tag, kind, count, data in sorted(rows):
            if len(data) > 4:
                out += struct.pack("<HHII", tag, kind, count, heap + len(body))
                body += data + b"\0" * (len(data) % 2)
            else:
                out += struct.pack("<HHI4s", tag, kind, count, data)
        out += b"\0\0\0\0" + body
        at += sizes[number]
    return out


def _coded(value: Any) -> tuple[int, int, bytes]:
    if isinstance(value, str):
        data = value.encode() + b"\0"
        return 2, len(data), data
    if isinstance(value, bytes):
        return 1, len(value), value
    if isinstance(value, int):
        return 3, 1, struct.pack("<H", value)
    pairs = value if isinstance(value[0], tuple) else (value,)
    return 5, len(pairs), b"".join(struct.pack("<II", *pair) for pair in pairs)


def found(exif: bytes, kind: str = "JPEG") -> tuple[dict[str, Any], tuple[str, ...]]:
    """Facts of ``picture.exif`` and the problems of ``picture.exif_damaged``."""
    stream = io.BytesIO()
    Image.new("RGB", (8, 8), "navy").save(stream, kind, exif=b"Exif\0\0" + exif)
    return looked(stream.getvalue(), f"image/{kind.lower()}")


def looked(data: bytes, media_type: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    outcome = Picture().look(data, media_type)
    assert isinstance(outcome, Ok)
    rows = {finding.kind: finding.facts for finding in outcome.findings}
    return dict(rows.get("picture.exif", {})), tuple(rows.get("picture.exif_damaged", {}).get("problems", ()))  # type: ignore[arg-type]


FULL = block(
    {0x010F: "Maker", 0x0110: "Model ñ", 0x0112: 6, 0x0131: "Soft\x07ware", 0x0132: "2024:05:01 12:00:00"},
    {
        0x9003: "2024:05:01 10:11:12", 0x9291: "250", 0x9011: "-06:00", 0x9004: "2024:05:01 10:11:13",
        0xA434: "50 mm", 0xA431: "SN 1",
    },
    GPS | {7: ((16, 1), (11, 1), (125, 10)), 29: "2024:05:01", 18: "WGS-84"},
)  # fmt: skip


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF"])
def test_what_a_camera_states(kind: str) -> None:
    stream = io.BytesIO()
    Image.new("RGB", (64, 64), "navy").save(stream, kind, exif=b"Exif\0\0" + FULL)
    facts, problems = looked(stream.getvalue(), "image/heic" if kind == "HEIF" else f"image/{kind.lower()}")
    assert problems == ()
    assert facts.pop("orientation", None) == (None if kind == "AVIF" else 6)
    if kind == "AVIF":  # Pillow's encoder moves the orientation into the container and writes texts as ASCII
        assert facts["model"] == "Model ??"
        facts["model"] = "Model ñ"
    assert facts == {
        "make": "Maker", "model": "Model ñ", "software": "Soft ware", "lens": "50 mm", "serial": "SN 1",
        "taken": "2024-05-01 10:11:12 -06:00", "taken_ns": 1714579872_250_000_000, "taken_basis": "offset",
        "taken_precision_ns": 1_000_000, "taken_offset_minutes": -360, "taken_raw": "2024:05:01 10:11:12.250 -06:00",
        "digitised": "2024-05-01 10:11:13 (local, zone unknown)", "digitised_ns": 1714558273_000_000_000,
        "digitised_basis": "local_unknown", "digitised_precision_ns": 1_000_000_000,
        "digitised_raw": "2024:05:01 10:11:13",
        "modified": "2024-05-01 12:00:00 (local, zone unknown)", "modified_ns": 1714564800_000_000_000,
        "modified_basis": "local_unknown", "modified_precision_ns": 1_000_000_000,
        "modified_raw": "2024:05:01 12:00:00",
        "gps_latitude": 19.4329, "gps_longitude": -99.1333, "gps_altitude_m": 2240.5, "gps_datum": "WGS-84",
        "gps_time": "2024-05-01 16:11:12 UTC", "gps_time_ns": 1714579872_500_000_000, "gps_time_basis": "utc",
        "gps_time_precision_ns": 1_000_000,
    }  # fmt: skip


def test_tiff_carries_its_tags_itself() -> None:
    tags = {256: 8, 257: 8, 258: 8, 259: 1, 262: 1, 273: 0, 277: 1, 278: 8, 279: 64, 0x010F: "Maker", 0x0112: 3}
    shot = {0x9003: "2024:05:01 10:11:12"}
    size = len(block(tags, shot))
    facts, problems = looked(block(tags | {273: size}, shot) + bytes(64), "image/tiff")
    assert problems == ()
    assert (facts["make"], facts["orientation"], facts["taken_raw"]) == ("Maker", 3, "2024:05:01 10:11:12")


def test_an_exif_chunk_after_the_pixels_of_a_png() -> None:
    stream = io.BytesIO()
    Image.new("RGB", (8, 8)).save(stream, "PNG")
    data = stream.getvalue()
    exif = chunk(b"eXIf", block({0x010F: "Maker"}))
    assert looked(data[:-12] + exif + data[-12:], "image/png") == ({"make": "Maker"}, ())


def test_no_exif_is_no_finding() -> None:
    stream = io.BytesIO()
    Image.new("RGB", (8, 8)).save(stream, "JPEG")
    assert looked(stream.getvalue(), "image/jpeg") == ({}, ())
    assert found(block({})) == ({}, ())


def test_orientation_of_xmp_is_not_exif() -> None:
    stream = io.BytesIO()
    Image.new("RGB", (8, 8)).save(stream, "JPEG", xmp=b'<x tiff:Orientation="6"/>')
    assert looked(stream.getvalue(), "image/jpeg") == ({}, ())


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("0000:00:00 00:00:00", {"modified_raw": "0000:00:00 00:00:00"}),
        ("2024:02:30 00:00:00", {"modified_raw": "2024:02:30 00:00:00"}),
        ("yesterday at 5", {"modified_raw": "yesterday at 5"}),
        ("    :  :     :  :  ", {}),
        ("9999:12:31 23:59:59", None),
        ("0001:01:01 00:00:00", None),
    ],
)
@pytest.mark.parametrize("offset", ["", "+14:00", "-14:00"])
def test_times_that_are_none(text: str, facts: dict[str, str] | None, offset: str) -> None:
    got, problems = found(block({0x0132: text}, {0x9010: offset} if offset else None))
    assert problems == ()
    if facts is None:
        assert got["modified_raw"].startswith(text)
        assert "modified" in got
    else:
        raw = facts.get("modified_raw")
        assert got == ({"modified_raw": f"{raw} {offset}".strip()} if raw else {})


@pytest.mark.parametrize("offset", ["+99:00", "+01:75", "0600", "?"])
def test_offsets_that_are_none_leave_the_zone_unknown(offset: str) -> None:
    facts, _ = found(block({0x0132: "2024:05:01 12:00:00"}, {0x9010: offset}))
    assert facts["modified_basis"] == "local_unknown"
    assert facts["modified_raw"].endswith(offset)


@pytest.mark.parametrize(
    "gps",
    [
        GPS | {2: ((19, 0), (25, 1), (0, 1))},
        GPS | {2: ((0, 0), (0, 0), (0, 0))},
        GPS | {2: ((91, 1), (0, 1), (0, 1))},
        GPS | {4: ((180, 1), (0, 1), (1, 1))},
        GPS | {2: ((19, 1), (60, 1), (0, 1))},
        GPS | {2: ((19, 1), (1, 1))},
        GPS | {2: "19.5"},
        GPS | {1: "X"},
        {k: v for k, v in GPS.items() if k != 3},
        {2: LATITUDE},
    ],
)
def test_positions_that_are_none(gps: dict[int, Any]) -> None:
    facts, problems = found(block({0x010F: "Maker"}, None, gps))
    assert not {"gps_latitude", "gps_longitude"} & facts.keys()
    assert problems == ("position",)
    assert facts["make"] == "Maker"


def test_accuracy_is_what_the_file_states() -> None:
    facts, _ = found(block({}, None, GPS | {11: (25, 10), 31: (4_712_345, 1_000_000)}))
    assert (facts["gps_dop"], facts["gps_error_m"]) == (2.5, 4.712)
    for none in ((1, 0), (0, 1)):
        assert not {"gps_dop", "gps_error_m"} & found(block({}, None, GPS | {11: none, 31: none}))[0].keys()


def test_below_the_sea_and_other_odd_values() -> None:
    assert found(block({}, None, GPS | {5: b"\1"}))[0]["gps_altitude_m"] == -2240.5
    assert "gps_altitude_m" not in found(block({}, None, GPS | {6: (1, 0)}))[0]
    assert "gps_altitude_m" not in found(block({}, None, GPS | {5: b"\7"}))[0]
    for odd in ({7: ((25, 1), (0, 1), (0, 1))}, {29: "2024:13:01"}, {7: ((1, 0), (0, 0), (0, 1))}):
        gps = {7: ((1, 1), (0, 1), (0, 1)), 29: "2024:05:01"} | odd
        assert found(block({}, None, gps)) == ({}, ())


def test_text_is_cleaned_and_short() -> None:
    facts, _ = found(block({0x010F: "A\u202eB\x1b[31m\r\nC", 0x0110: "ü" * 5_000, 0x0131: " \x01 "}))
    assert facts == {"make": "A B [31m C", "model": "ü" * 500}
    latin = block({0x010F: "Caf##"}).replace(b"Caf##", b"Caf\xe9\0")
    assert found(latin)[0] == {"make": "Café"}


def test_wrong_types_are_passed_over() -> None:
    assert found(block({0x010F: 7, 0x0112: "six", 0x0132: (1, 2)}, {0x9003: b"\1\2"}, {2: 5}))[1] == ("position",)
    assert found(block({0x0112: 9})) == ({}, ())


def entry(tag: int, kind: int, count: int, value: int) -> bytes:
    return struct.pack("<HHII", tag, kind, count, value)


def directory(*entries: bytes) -> bytes:
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + b"".join(entries) + b"\0\0\0\0"


@pytest.mark.parametrize(
    "exif",
    [
        directory(entry(0x010F, 2, 0xFFFFFFFF, 8)),  # a count of 4 thousand million
        directory(*[entry(tag, 2, 60, 8) for tag in range(300)]),  # all values overlap
        directory(entry(0x010F, 2, 100, 0xFFFFFFF0)),  # outside
        directory(entry(0x8769, 4, 1, 8), entry(0x8825, 4, 1, 8)),  # directories inside themselves
        directory(entry(0x8769, 4, 1, 0xFFFFFFFF)),
        directory(entry(0x8769, 2, 4, 0x41414141), entry(0x8825, 5, 1, 8)),  # pointers that are no numbers
        directory(entry(0x010F, 99, 1, 8)),
        b"II*\0\xff\xff\xff\xff",
        b"II*\0\x08\0\0\0\xff\xff",
        b"XX*\0\x08\0\0\0",
        b"II",
        b"II*\0\x08\0\0\0\x01\0",
    ],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_hostile_directories(exif: bytes, kind: str) -> None:
    stream = io.BytesIO()
    Image.new("RGB", (8, 8), "navy").save(stream, "JPEG" if kind == "JPEG" else kind, exif=b"Exif\0\0" + exif)
    _, problems = looked(stream.getvalue(), f"image/{kind.lower()}")
    assert set(problems) <= {"directory", "values", "position"}


def test_damage_is_said() -> None:
    assert found(directory(entry(0x010F, 2, 0xFFFFFFFF, 8)))[1] == ("values",)
    assert found(b"XX*\0\x08\0\0\0")[1] == ("directory",)
    facts, problems = found(directory(entry(0x010F, 2, 100, 0xFFFFFFF0), entry(0x0112, 3, 1, 6)))
    assert problems == ("values",)
    assert facts in ({}, {"orientation": 6})


@settings(deadline=None, max_examples=examples(300), suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(0, len(FULL) - 1), st.integers(0, 255)), max_size=8), st.integers(0, len(FULL)))
def test_mutated_exif(changes: list[tuple[int, int]], keep: int) -> None:
    data = bytearray(FULL)
    for at, value in changes:
        data[at] = value
    for exif in (bytes(data), bytes(data[:keep])):
        facts, problems = found(exif)
        assert set(problems) <= {"directory", "values", "position"}
        assert all(len(fact) <= 600 for fact in facts.values() if isinstance(fact, str))


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_arbitrary_exif(data: bytes) -> None:
    for exif in (data, b"II*\0\x08\0\0\0" + data):
        assert set(found(exif)[1]) <= {"directory", "values", "position"}
