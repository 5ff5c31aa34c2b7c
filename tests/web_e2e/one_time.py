"""What an authenticator app does: RFC 6238 with SHA-1, six digits, 30 seconds."""

import base64
import hashlib
import hmac
import struct
import time


def code(key: str, at: float | None = None) -> str:
    """The six digits for a base32 key at a moment (seconds since 1970), by default now."""
    counter = struct.pack(">Q", int(time.time() if at is None else at) // 30)
    digest = hmac.new(base64.b32decode(key), counter, hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    return f"{(struct.unpack('>I', digest[offset : offset + 4])[0] & 0x7FFFFFFF) % 10**6:06}"


def fresh(key: str, used: str) -> str:
    """A code that is not ``used``; waits for the next one where it has to."""
    while (now := code(key)) == used:
        time.sleep(0.5)
    return now
