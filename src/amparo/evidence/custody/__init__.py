"""Custody log: a hash-chained, sealed record per Case of what was done, by whom, under which Authority."""

from amparo.evidence.custody.canonical import Malformed
from amparo.evidence.custody.entry import (
    Anchor,
    CustodyEntry,
    Seal,
    commitment,
    read_line,
)
from amparo.evidence.custody.event import ERASED, Event
from amparo.evidence.custody.keys import SigningKey, fingerprint
from amparo.evidence.custody.log import CustodyLog, Head
from amparo.evidence.custody.payload import Erased
from amparo.evidence.custody.verify import Anchored, Verification, verify

__all__ = [
    "ERASED",
    "Anchor",
    "Anchored",
    "CustodyEntry",
    "CustodyLog",
    "Erased",
    "Event",
    "Head",
    "Malformed",
    "Seal",
    "SigningKey",
    "Verification",
    "commitment",
    "fingerprint",
    "read_line",
    "verify",
]
