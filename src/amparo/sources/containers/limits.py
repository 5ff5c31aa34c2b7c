"""Limits: how far an archive may lead us before we stop. All are ours, none is the archive's word."""

import dataclasses

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB
RATIO_FROM = 16 * MIB  # below this much output a bomb does no harm, and tiny files reach any ratio


@dataclasses.dataclass(frozen=True, slots=True)
class Limits:
    """Bounds for one archive.

    ``entries``: members listed. ``member_bytes``: bytes read from one member. ``ratio``: bytes out per compressed byte
    in, applied once more than RATIO_FROM bytes have come out. ``depth``: containers inside containers (kept by the
    caller). ``name_bytes``: longest member name. ``seven_zip_bytes``: most memory one decoder may ask for, and the
    most decoded members of a solid 7z archive that are kept for the next open.
    """

    entries: int = 1_000_000
    member_bytes: int = 64 * GIB
    ratio: int = 2000
    depth: int = 16
    name_bytes: int = 65_535
    seven_zip_bytes: int = 512 * MIB
