"""Time stamps of OpenSSL's own authority check out; everything else is told from them, with one kind of error."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from fuzz import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from servers.tsa import Authority, make_keys

from amparo.evidence import timestamp
from amparo.evidence.errors import BadInput, VerificationFailed

MESSAGE = b"the bytes of a manifest"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory, require_tool: Callable[[str], str]) -> Authority:
    require_tool("openssl")
    folder = tmp_path_factory.mktemp("tsa") / "keys"
    make_keys(folder)
    return Authority(folder)


@pytest.fixture(scope="module")
def stamped(authority: Authority) -> tuple[bytes, int]:
    query, nonce = timestamp.request(MESSAGE)
    assert MESSAGE not in query
    return authority.reply(query), nonce


def test_a_stamp_checks_out_with_its_time_and_policy(authority: Authority, stamped: tuple[bytes, int]) -> None:
    trusted = timestamp.roots(authority.root.read_bytes())
    made = timestamp.check(stamped[0], MESSAGE, trusted, stamped[1])
    assert made.policy == "1.3.6.1.4.1.99999.1"
    assert made.at.utcoffset() is not None
    assert timestamp.check(stamped[0], MESSAGE, trusted) == made, "years later nobody has the nonce"


def test_other_bytes_another_root_and_another_nonce_are_refused(
    authority: Authority, stamped: tuple[bytes, int], tmp_path: Path
) -> None:
    make_keys(tmp_path / "other")
    trusted = timestamp.roots(authority.root.read_bytes())
    others = timestamp.roots((tmp_path / "other" / "ca.crt").read_bytes())
    for message, roots, nonce, words in (
        (MESSAGE + b".", trusted, stamped[1], "Mismatch between messages"),
        (MESSAGE, others, stamped[1], "does not lead to the root"),
        (MESSAGE, trusted, stamped[1] + 1, "Nonce mismatch"),
    ):
        with pytest.raises(VerificationFailed, match=words):
            timestamp.check(stamped[0], message, roots, nonce)


def test_a_reply_with_flipped_or_missing_bytes_never_names_another_time(
    authority: Authority, stamped: tuple[bytes, int]
) -> None:
    trusted = timestamp.roots(authority.root.read_bytes())
    true = timestamp.check(stamped[0], MESSAGE, trusted)
    dice = random.Random(7)
    refused = 0
    for _ in range(examples(600)):
        data = bytearray(stamped[0])
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
        try:
            made = timestamp.check(bytes(data), MESSAGE, trusted)
        except VerificationFailed:
            refused += 1
        else:  # a bit that nobody signs, such as in the words of the status
            assert (made.at, made.policy, made.serial) == (true.at, true.policy, true.serial)
    assert refused > examples(600) * 0.9


@settings(max_examples=examples(100))
@given(st.binary(max_size=300))
def test_any_bytes_are_refused_with_one_kind_of_error(reply: bytes) -> None:
    with pytest.raises(VerificationFailed):
        timestamp.check(reply, MESSAGE, [])


def test_too_much_is_refused_unread() -> None:
    with pytest.raises(VerificationFailed, match="too large"):
        timestamp.check(bytes(timestamp.MOST_BYTES + 1), MESSAGE, [])


@pytest.mark.parametrize("pem", [b"", b"words", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_what_is_no_root_is_refused(pem: bytes) -> None:
    with pytest.raises(BadInput, match="root certificate"):
        timestamp.roots(pem)
