"""The Vault's format: what goes in comes out to who holds the key; any other byte, end, order or name is refused."""

import hashlib
import io
import json
import tracemalloc
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from fuzz import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from amparo.evidence import vault
from amparo.evidence.errors import AmparoError, BadInput, NotAuthorised, VerificationFailed
from amparo.evidence.vault import CHUNK, Sealed, open_object, seal_object

GOLDEN = Path(__file__).parents[1] / "golden" / "vault"
CASE, OBJECT, OTHER = (uuid.UUID(int=number) for number in (1, 2, 3))
HEADER, TAG, SMALL = 45, 16, 1024
PASSPHRASE = "twelve or more letters"


def plain(size: int) -> bytes:
    return hashlib.shake_128(b"vault").digest(size)


def sealed(data: bytes, chunk: int = SMALL, name: uuid.UUID = OBJECT) -> tuple[bytes, Sealed]:
    target = io.BytesIO()
    made = seal_object([data], target, CASE, name, chunk)
    return target.getvalue(), made


def opened(box: bytes, key: bytes, name: uuid.UUID = OBJECT) -> bytes:
    return b"".join(open_object(io.BytesIO(box), key, CASE, name))


@pytest.mark.parametrize("size", [0, 1, SMALL - 1, SMALL, SMALL + 1, 3 * SMALL, 3 * SMALL + 9])
def test_the_format_is_the_one_described(size: int) -> None:
    data = plain(size)
    box, made = sealed(data)
    assert opened(box, made.key) == data
    assert (made.sha256, made.size) == (hashlib.sha256(data).digest(), size)
    header = b"AMPVAULT\x01" + SMALL.to_bytes(4, "big") + CASE.bytes + OBJECT.bytes
    parts = [data[start : start + SMALL] for start in range(0, size, SMALL)] or [b""]
    nonces = [number.to_bytes(11, "big") + bytes([number == len(parts) - 1]) for number in range(len(parts))]
    cipher = AESGCM(made.key)
    assert box == header + b"".join(cipher.encrypt(n, part, header) for n, part in zip(nonces, parts, strict=True))


@given(st.lists(st.binary(max_size=3000), max_size=6))
def test_in_whatever_parts_it_comes(parts: list[bytes]) -> None:
    target = io.BytesIO()
    made = seal_object(iter(parts), target, CASE, OBJECT, SMALL)
    assert opened(target.getvalue(), made.key) == b"".join(parts)
    assert made.size == sum(map(len, parts))


def test_no_key_and_no_sealed_bytes_come_twice() -> None:
    (one, first), (two, second) = sealed(b"the same"), sealed(b"the same")
    assert first.key != second.key
    assert one[HEADER:] != two[HEADER:]
    assert first.key.hex() not in repr(first)


DATA = plain(2 * SMALL + 9)
BOX, MADE = sealed(DATA)


@settings(max_examples=examples(200))
@given(st.integers(0, 8 * len(BOX) - 1))
def test_a_flipped_bit_is_refused_before_its_chunk_is_given(position: int) -> None:
    changed = bytearray(BOX)
    changed[position // 8] ^= 1 << position % 8
    got = bytearray()
    with pytest.raises((BadInput, VerificationFailed)):
        for part in open_object(io.BytesIO(changed), MADE.key, CASE, OBJECT):
            got += part
    whole = max(0, position // 8 - HEADER) // (SMALL + TAG)
    assert bytes(got) == DATA[: whole * SMALL]


def test_cut_anywhere_it_is_refused() -> None:
    for length in range(len(BOX)):
        with pytest.raises((BadInput, VerificationFailed)):
            opened(BOX[:length], MADE.key)


@pytest.mark.parametrize("order", ["102", "021", "12", "02", "01", "2", "0", "", "0012", "0122", "00122", "111"])
def test_chunks_in_any_other_order_or_number_are_refused(order: str) -> None:
    parts = [BOX[start : start + SMALL + TAG] for start in range(HEADER, len(BOX), SMALL + TAG)]
    with pytest.raises(VerificationFailed):
        opened(BOX[:HEADER] + b"".join(parts[int(each)] for each in order), MADE.key)


@given(st.binary(max_size=300), st.sampled_from([b"", BOX[:13], BOX[:HEADER]]))
def test_foreign_bytes_raise_nothing_else(data: bytes, start: bytes) -> None:
    with pytest.raises((BadInput, VerificationFailed)):
        opened(start + data, MADE.key)


@pytest.mark.parametrize("chunk", [0, 1, 512, 1025, 2 * 1024**2, 2**32 - 1])
def test_a_chunk_size_outside_the_limits_asks_for_no_memory(chunk: int) -> None:
    with pytest.raises(VerificationFailed, match="which none has"):
        opened(BOX[:9] + chunk.to_bytes(4, "big") + BOX[13:], MADE.key)


def test_a_later_version_is_named() -> None:
    with pytest.raises(BadInput, match="version 2"):
        opened(BOX[:8] + b"\x02" + BOX[9:], MADE.key)


def test_memory_does_not_grow_with_the_object(tmp_path: Path) -> None:
    def zeros() -> Iterator[bytes]:
        for _ in range(400):
            yield bytes(CHUNK + 1)

    tracemalloc.start()
    with (tmp_path / "box").open("w+b") as box:
        made = seal_object(zeros(), box, CASE, OBJECT)
        box.seek(0)
        total = sum(len(part) for part in open_object(box, made.key, CASE, OBJECT))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert total == made.size == 400 * (CHUNK + 1)
    assert peak < 12 * CHUNK


def test_an_object_beyond_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault, "MAX_SIZE", 10)
    with pytest.raises(BadInput, match="too large"):
        sealed(bytes(11))


def test_the_golden_object_opens_from_the_passphrase_on() -> None:
    keys = json.loads((GOLDEN / "keys.json").read_text())
    own = vault.open_protected(bytes.fromhex(keys["sealed"]), bytes.fromhex(keys["custodian"]), keys["passphrase"])
    private = vault.open_share(bytes.fromhex(keys["share"]), own, CASE)
    key = vault.unwrap_key(bytes.fromhex(keys["wrapped"]), private, CASE, OBJECT)
    assert opened((GOLDEN / "good.vault").read_bytes(), key) == DATA
    assert hashlib.sha256(DATA).hexdigest() == keys["sha256"]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("cut-in-a-chunk", "cut off"),
        ("cut-after-a-chunk", "cut off after chunk 2"),
        ("swapped-chunks", "chunk 1 does not verify"),
        ("header-of-another-object", "names another case or object"),
        ("appended-bytes", "chunk 3 does not verify"),
        ("appended-chunk", "chunk 3 does not verify"),
    ],
)
def test_golden_bad_objects_are_refused_in_these_words(name: str, says: str) -> None:
    keys = json.loads((GOLDEN / "keys.json").read_text())
    own = vault.open_protected(bytes.fromhex(keys["sealed"]), bytes.fromhex(keys["custodian"]), keys["passphrase"])
    private = vault.open_share(bytes.fromhex(keys["share"]), own, CASE)
    key = vault.unwrap_key(bytes.fromhex(keys["wrapped"]), private, CASE, OBJECT)
    with pytest.raises(VerificationFailed, match=says):
        opened((GOLDEN / f"{name}.vault").read_bytes(), key)


def test_bytes_behind_a_whole_last_chunk_are_named() -> None:
    box, made = sealed(plain(SMALL))
    with pytest.raises(VerificationFailed, match="behind its end"):
        opened(box + b"\0", made.key)


def test_another_objects_file_is_refused_even_where_its_header_is_made_to_fit() -> None:
    box, made = sealed(DATA, name=OTHER)
    with pytest.raises(VerificationFailed, match="chunk 1 does not verify"):
        opened(BOX[:HEADER] + box[HEADER:], made.key)


def test_only_the_pair_of_the_case_opens_a_key_and_only_for_its_object() -> None:
    pair, other = vault.new_pair(), vault.new_pair()
    wrapped = vault.wrap_key(MADE.key, pair.public, CASE, OBJECT)
    assert vault.unwrap_key(wrapped, pair.private, CASE, OBJECT) == MADE.key
    for private, case, name in (
        (other.private, CASE, OBJECT),
        (pair.private, OTHER, OBJECT),
        (pair.private, CASE, CASE),
    ):
        with pytest.raises(VerificationFailed):
            vault.unwrap_key(wrapped, private, case, name)


def test_a_share_is_for_one_custodian_and_one_case_and_is_no_key_of_an_object() -> None:
    pair, own, other = vault.new_pair(), vault.new_pair(), vault.new_pair()
    made = vault.share(pair.private, own.public, CASE)
    assert vault.open_share(made, own.private, CASE) == pair.private
    for private, case in ((other.private, CASE), (own.private, OTHER)):
        with pytest.raises(VerificationFailed):
            vault.open_share(made, private, case)
    with pytest.raises(VerificationFailed):
        vault.unwrap_key(made, own.private, CASE, OBJECT)


@given(st.binary(max_size=120))
def test_foreign_wrapped_keys_raise_nothing_else(data: bytes) -> None:
    with pytest.raises(VerificationFailed):
        vault.open_share(data, MADE.key, CASE)


def test_a_half_that_is_none_seals_nothing() -> None:
    for public in (b"", bytes(31), bytes(32), bytes(33)):
        with pytest.raises(BadInput):
            vault.share(MADE.key, public, CASE)


def test_a_private_half_opens_with_its_passphrase_in_any_normal_form_and_no_other() -> None:
    pair = vault.new_pair()
    made = vault.protect(pair, "Grüße aus Köln")
    assert vault.open_protected(made, pair.public, "Gru\u0308ße aus Ko\u0308ln") == pair.private
    assert pair.private not in made
    for public, passphrase in ((pair.public, "Grüße aus Koln"), (vault.new_pair().public, "Grüße aus Köln")):
        with pytest.raises(NotAuthorised):
            vault.open_protected(made, public, passphrase)
    with pytest.raises(NotAuthorised):
        vault.open_protected(made, pair.public, "x" * 2000)


def test_a_short_passphrase_is_refused() -> None:
    with pytest.raises(BadInput, match="12 to"):
        vault.protect(vault.new_pair(), "elevenchars")


@pytest.mark.parametrize("position", [8, 12, 16])
def test_a_half_that_asks_for_too_much_work_is_refused_before_any_is_done(position: int) -> None:
    pair = vault.new_pair()
    made = bytearray(vault.protect(pair, PASSPHRASE))
    made[position] = 0xFF
    with pytest.raises(VerificationFailed, match="outside the limits"):
        vault.open_protected(bytes(made), pair.public, PASSPHRASE)


@settings(max_examples=examples(30))
@given(st.binary(max_size=120))
def test_foreign_protected_halves_raise_nothing_else(data: bytes) -> None:
    for each in (data, b"AMPCUST\x01" + data[:4]):
        with pytest.raises(AmparoError):
            vault.open_protected(each, bytes(32), PASSPHRASE)


def test_names_of_keys_can_be_read_out() -> None:
    assert vault.key_name(bytes(32)) == "6668 7aad f862 bd77"
