"""Sealed files: what goes in comes out, and every change of a byte, an end or an order is refused."""

import hashlib
import hmac
import io
import tracemalloc
from pathlib import Path
from typing import BinaryIO, cast

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from fuzz import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from amparo.evidence.errors import AmparoError, BadInput, VerificationFailed
from amparo.evidence.sealed_file import CHUNK, MAX_SIZE, key_id, seal, unseal

KEY, OTHER = bytes(range(32)), bytes(32)
HEADER, TAG = 57, 16
SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK]


def plain(size: int, seed: int = 0) -> bytes:
    """Bytes in which no chunk is like another."""
    return hashlib.shake_128(bytes([seed])).digest(size)


def sealed(data: bytes, key: bytes = KEY) -> bytes:
    target = io.BytesIO()
    seal(io.BytesIO(data), target, key)
    return target.getvalue()


def unsealed(data: bytes, key: bytes = KEY) -> bytes:
    target = io.BytesIO()
    digest = unseal(io.BytesIO(data), target, key)
    assert digest == hashlib.sha256(target.getvalue()).hexdigest()
    return target.getvalue()


def chunks(data: bytes) -> list[bytes]:
    return [data[start : start + CHUNK + TAG] for start in range(HEADER, len(data), CHUNK + TAG)]


def by_the_book(data: bytes, salt: bytes, key: bytes = KEY) -> bytes:
    """A sealed file made from the description of the format alone, HKDF by its two steps of HMAC (RFC 5869)."""

    def hkdf(salt: bytes, info: bytes) -> bytes:
        return hmac.digest(hmac.digest(salt, key, "sha256"), info + b"\x01", "sha256")

    label = hashlib.sha256(hkdf(bytes(32), b"amparo sealed file 1: key id")).digest()[:8]
    header = b"AMPSEAL\0\x01" + label + salt + len(data).to_bytes(8, "big")
    cipher = AESGCM(hkdf(salt, b"amparo sealed file 1: chunks"))
    parts = [data[start : start + CHUNK] for start in range(0, len(data), CHUNK)] or [b""]
    nonces = [number.to_bytes(11, "big") + bytes([number == len(parts) - 1]) for number in range(len(parts))]
    return header + b"".join(cipher.encrypt(n, part, header) for n, part in zip(nonces, parts, strict=True))


@pytest.mark.parametrize("size", SIZES)
def test_what_is_sealed_comes_back_and_takes_no_more_room_than_stated(size: int) -> None:
    data = plain(size)
    box = sealed(data)
    assert unsealed(box) == data
    assert len(box) == HEADER + size + TAG * max(1, -(-size // CHUNK))
    assert size < 100 or data[:100] not in box


@pytest.mark.parametrize("size", SIZES)
def test_the_format_is_the_one_described(size: int) -> None:
    data = plain(size)
    assert unsealed(by_the_book(data, plain(32, 7))) == data
    box = sealed(data)
    assert by_the_book(data, box[17:49]) == box


def test_the_same_bytes_never_look_the_same() -> None:
    first, second = sealed(b"the same"), sealed(b"the same")
    assert first[:17] == second[:17]
    assert first[17:49] != second[17:49]
    assert first[HEADER:] != second[HEADER:]


def test_it_begins_where_the_source_stands() -> None:
    source, target = io.BytesIO(b"not this; this"), io.BytesIO()
    source.seek(10)
    seal(source, target, KEY)
    assert unsealed(target.getvalue()) == b"this"


def test_a_source_that_reads_in_small_parts_is_sealed_and_unsealed_alike() -> None:
    class Slow(io.BytesIO):
        def readinto(self, buffer) -> int:  # type: ignore[no-untyped-def,override]
            return super().readinto(memoryview(buffer)[:300_001])

    data, box, out = plain(CHUNK + 5), io.BytesIO(), io.BytesIO()
    seal(Slow(data), box, KEY)
    unseal(Slow(box.getvalue()), out, KEY)
    assert out.getvalue() == data


@pytest.mark.parametrize("size", [0, 1, 20])
def test_every_flipped_bit_is_refused_and_nothing_written(size: int) -> None:
    box = sealed(plain(size))
    for position in range(8 * len(box)):
        changed = bytearray(box)
        changed[position // 8] ^= 1 << position % 8
        target = io.BytesIO()
        with pytest.raises((BadInput, VerificationFailed)):
            unseal(io.BytesIO(changed), target, KEY)
        assert not target.getvalue()


@pytest.mark.parametrize("size", [0, 20])
def test_every_shorter_file_is_refused(size: int) -> None:
    box = sealed(plain(size))
    for length in range(len(box)):
        with pytest.raises(AmparoError, match="cut off" if length >= 8 else "not a sealed file"):
            unsealed(box[:length])


@settings(max_examples=examples(30))
@given(st.integers(0, 8 * (HEADER + 2 * CHUNK + 9 + 3 * TAG) - 1))
def test_a_flipped_bit_of_a_long_file_is_refused_before_its_chunk_is_written(position: int) -> None:
    data, box = LONG
    changed = bytearray(box)
    changed[position // 8] ^= 1 << position % 8
    target = io.BytesIO()
    with pytest.raises((BadInput, VerificationFailed)):
        unseal(io.BytesIO(changed), target, KEY)
    whole = max(0, position // 8 - HEADER) // (CHUNK + TAG)
    assert target.getvalue() == data[: whole * CHUNK]


@settings(max_examples=examples(30))
@given(st.integers(0, HEADER + 2 * CHUNK + 9 + 3 * TAG - 1))
def test_a_long_file_cut_anywhere_is_refused(length: int) -> None:
    with pytest.raises((BadInput, VerificationFailed)):
        unsealed(LONG[1][:length])


@pytest.mark.parametrize("order", ["102", "021", "210", "12", "02", "01", "2", "0", "", "0012", "0122", "00122", "111"])
def test_chunks_in_any_other_order_or_number_are_refused(order: str) -> None:
    box = LONG[1]
    parts = chunks(box)
    assert unsealed(box[:HEADER] + b"".join(parts)) == LONG[0]
    with pytest.raises(VerificationFailed):
        unsealed(box[:HEADER] + b"".join(parts[int(each)] for each in order))


@pytest.mark.parametrize("taken", [{0}, {1}, {2}, {0, 1}, {0, 1, 2}])
def test_chunks_of_another_file_of_the_same_key_are_refused(taken: set[int]) -> None:
    box, other = LONG[1], chunks(sealed(LONG[0]))
    mixed = [other[number] if number in taken else part for number, part in enumerate(chunks(box))]
    with pytest.raises(VerificationFailed, match=f"chunk {min(taken) + 1} does not verify"):
        unsealed(box[:HEADER] + b"".join(mixed))


def test_a_whole_chunk_is_not_the_last_one_by_cutting_and_a_smaller_size() -> None:
    box = sealed(plain(2 * CHUNK))
    shorter = box[: HEADER - 8] + CHUNK.to_bytes(8, "big") + chunks(box)[0]
    with pytest.raises(VerificationFailed, match="chunk 1 does not verify"):
        unsealed(shorter)


@pytest.mark.parametrize("size", [0, 5, CHUNK])
def test_bytes_behind_the_end_are_refused(size: int) -> None:
    with pytest.raises(VerificationFailed, match="behind its end"):
        unsealed(sealed(plain(size)) + b"\0")


def test_another_key_is_named_and_the_key_itself_never() -> None:
    with pytest.raises(BadInput, match=f"under key {key_id(KEY)}; the key given is {key_id(OTHER)}") as caught:
        unsealed(sealed(b"text"), OTHER)
    assert KEY.hex() not in str(caught.value) + caught.value.hint
    assert key_id(KEY) not in KEY.hex()
    assert len(key_id(KEY)) == 16


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_key_of_another_length_is_refused(length: int) -> None:
    for call in (lambda key: sealed(b"", key), lambda key: unsealed(sealed(b""), key), key_id):
        with pytest.raises(BadInput, match=f"{length} bytes instead of 32"):
            call(bytes(length))


def test_a_later_version_and_an_impossible_size_are_refused() -> None:
    box = sealed(b"text")
    with pytest.raises(BadInput, match="version 2"):
        unsealed(box[:8] + b"\x02" + box[9:])
    for size in (MAX_SIZE + 1, 2**64 - 1):
        with pytest.raises(VerificationFailed, match="more than any has"):
            unsealed(box[: HEADER - 8] + size.to_bytes(8, "big") + box[HEADER:])


@pytest.mark.parametrize("difference", [-1, 1])
def test_a_source_that_changes_while_it_is_sealed_is_refused(difference: int) -> None:
    class Changing(io.BytesIO):
        def seek(self, offset: int, whence: int = 0) -> int:
            return super().seek(offset, whence) - (difference if whence == 2 else 0)

    with pytest.raises(BadInput, match="changed while"):
        seal(Changing(plain(100)), io.BytesIO(), KEY)


def test_a_source_beyond_the_limit_is_refused_before_anything_is_written() -> None:
    class Huge(io.BytesIO):
        def seek(self, offset: int, whence: int = 0) -> int:
            return MAX_SIZE + 1 if whence == 2 else super().seek(offset, whence)

    target = io.BytesIO()
    with pytest.raises(BadInput, match="cannot be sealed"):
        seal(Huge(), target, KEY)
    assert not target.getvalue()


@given(st.binary(max_size=200), st.booleans())
def test_foreign_bytes_raise_nothing_else(data: bytes, marked: bool) -> None:
    with pytest.raises((BadInput, VerificationFailed)):
        unsealed((LONG[1][:17] if marked else b"") + data)


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    class Zeros(io.RawIOBase):
        """So many zero bytes."""

        def __init__(self, size: int) -> None:
            self.size, self.at = size, 0

        def tell(self) -> int:
            return self.at

        def seek(self, offset: int, whence: int = 0) -> int:
            self.at = offset + (self.size if whence == 2 else 0)
            return self.at

        def readinto(self, buffer) -> int:  # type: ignore[no-untyped-def,override]
            count = min(len(buffer), self.size - self.at)
            self.at += count
            return count

    class Nowhere(io.RawIOBase):
        def write(self, data) -> int:  # type: ignore[no-untyped-def,override]
            return len(data)

    tracemalloc.start()
    with (tmp_path / "sealed").open("w+b") as box:
        seal(cast(BinaryIO, Zeros(40 * CHUNK)), box, KEY)
        box.seek(0)
        unseal(box, cast(BinaryIO, Nowhere()), KEY)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3 * CHUNK


LONG = (plain(2 * CHUNK + 9), sealed(plain(2 * CHUNK + 9)))
