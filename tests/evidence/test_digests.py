"""Three digests in one pass, whatever pieces the stream comes in."""

import hashlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo.evidence.digests import BUFFER, digest_stream


class Pieces(io.RawIOBase):
    """Gives at most ``most`` bytes at a time, as members of archives do."""

    def __init__(self, data: bytes, most: int) -> None:
        self._inner = io.BytesIO(data)
        self._most = most

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        return self._inner.readinto(buffer[: self._most])


@given(st.binary(max_size=300), st.integers(1, 64), st.integers(0, 400))
def test_equal_to_hashlib(data: bytes, most: int, head_size: int) -> None:
    found, head = digest_stream(Pieces(data, most), head_size)  # type: ignore[arg-type]
    assert found.sha256 == hashlib.sha256(data).digest()
    assert found.sha1 == hashlib.sha1(data).digest()
    assert found.md5 == hashlib.md5(data).digest()
    assert (found.size, head) == (len(data), data[:head_size])


@pytest.mark.parametrize("size", [BUFFER - 1, BUFFER, BUFFER + 1, 3 * BUFFER])
def test_around_the_buffer(size: int) -> None:
    data = bytes(range(251)) * (size // 251 + 1)
    found, head = digest_stream(io.BytesIO(data[:size]), 64)
    assert (found.sha256, found.size) == (hashlib.sha256(data[:size]).digest(), size)
    assert head == data[:64]


def test_errors_of_the_stream_come_out() -> None:
    class Broken(io.RawIOBase):
        def readinto(self, buffer: object) -> int:
            raise OSError("bad sector")

    with pytest.raises(OSError, match="bad sector"):
        digest_stream(Broken())  # type: ignore[arg-type]
